"""The address plan, for every VPC and every choice of zones."""

from ipaddress import IPv4Network
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from components._cidrs import ZONE_LETTERS, ZoneCidrs, plan_cidrs


def _vpc(prefix: int, number: int) -> IPv4Network:
    return IPv4Network((10 << 24 | (number << (32 - prefix)) & 0x00FFFFFF, prefix))


vpcs = st.builds(_vpc, st.integers(16, 20), st.integers(0, 255))
zones = st.sets(st.sampled_from(ZONE_LETTERS), min_size=1)


def _subnets(plan: list[ZoneCidrs]) -> list[IPv4Network]:
    return [cidr for zone in plan for cidr in (zone.private, zone.public, zone.database)]


@given(vpcs, zones)
def test_subnets_are_inside_the_vpc_and_do_not_overlap(vpc: IPv4Network, letters: set[str]) -> None:
    """All addresses of a subnet are in the VPC, and no two subnets share one."""
    subnets = _subnets(plan_cidrs(vpc, sorted(letters)))

    assert len(subnets) == 3 * len(letters)
    assert all(subnet.subnet_of(vpc) for subnet in subnets)
    assert not any(a.overlaps(b) for a, b in combinations(subnets, 2))


@given(vpcs, zones, st.sampled_from(ZONE_LETTERS))
def test_adding_a_zone_keeps_the_other_subnets(vpc: IPv4Network, letters: set[str], new: str) -> None:
    """Existing zones keep their subnets, wherever the new zone is in the alphabet."""
    before = plan_cidrs(vpc, sorted(letters))
    after = plan_cidrs(vpc, [new, *sorted(letters)])

    assert [zone for zone in after if zone.zone in letters] == before


@given(vpcs)
def test_subnets_have_a_size_that_aws_accepts(vpc: IPv4Network) -> None:
    """AWS accepts subnets from /16 to /28; private subnets, for pods, are the largest."""
    for zone in plan_cidrs(vpc, ZONE_LETTERS):
        assert 16 <= zone.private.prefixlen <= zone.public.prefixlen <= 28
        assert zone.private.num_addresses == 4 * zone.public.num_addresses == 4 * zone.database.num_addresses


def test_plan_of_the_default_network() -> None:
    """The numbers are part of the contract, because a change would replace every subnet."""
    a, b = plan_cidrs(IPv4Network("10.0.0.0/16"), ["b", "a"])

    assert (str(a.private), str(a.public), str(a.database)) == ("10.0.0.0/20", "10.0.16.0/22", "10.0.20.0/22")
    assert (str(b.private), str(b.public), str(b.database)) == ("10.0.32.0/20", "10.0.48.0/22", "10.0.52.0/22")
