"""CIDR blocks in settings are accepted if EKS and VPC accept them; the rules are spelled out from AWS's documents."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stacks.settings.network import ENDPOINTS_OF_PODS
from tests.stacks.settings.errors import error_lines

PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
SHARED = ["100.64.0.0/10"]
# This network, loopback, link-local, benchmarks, multicast, reserved.
RESERVED = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"]
# Protocols and documentation.
UNROUTED = ["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.51.100.0/24", "203.0.113.0/24"]


def near(block: str) -> st.SearchStrategy[str]:
    """Return a strategy for blocks inside, around and next to a block."""
    network = IPv4Network(block)
    first, last = int(network.network_address), int(network.broadcast_address)
    addresses = st.one_of(
        st.integers(first, last), st.sampled_from([first, last, max(first - 1, 0), min(last + 1, 2**32 - 1)])
    )
    return st.builds(
        lambda address, size: str(IPv4Network((address, size), strict=False)), addresses, st.integers(0, 32)
    )


blocks = st.sampled_from([*PRIVATE, *SHARED, *RESERVED, *UNROUTED, "0.0.0.0/0", "52.0.0.0/8"]).flatmap(near)


def touches(block: str, others: list[str]) -> bool:
    """Return whether a block shares an address with one of the others."""
    low, high = IPv4Network(block)[0], IPv4Network(block)[-1]
    return any(low <= IPv4Network(other)[-1] and IPv4Network(other)[0] <= high for other in others)


def inside(block: str, others: list[str]) -> bool:
    """Return whether all addresses of a block are in one of the others."""
    low, high = IPv4Network(block)[0], IPv4Network(block)[-1]
    return any(IPv4Network(other)[0] <= low and high <= IPv4Network(other)[-1] for other in others)


def size(block: str) -> int:
    return int(block.rpartition("/")[2])


@settings(deadline=None, max_examples=300)
@given(blocks)
def test_accepts_for_each_setting_the_blocks_that_aws_accepts(block: str) -> None:
    """VPC: usable, /16 to /20. Services: private, /12 to /24. Public access to the API: public, /24 to /32."""
    usable = not touches(block, RESERVED + UNROUTED)
    accepted = {
        "network.cidr": 16 <= size(block) <= 20 and usable,
        "cluster.serviceCidr": 12 <= size(block) <= 24 and inside(block, PRIVATE),
        "cluster.publicAccessCidrs[0]": size(block) >= 24
        and not touches(block, PRIVATE + SHARED + RESERVED + UNROUTED),
        "network.peerCidrs[0]": usable,
    }
    # The other blocks are chosen so that none overlaps.
    free_of = "10.99.0.0/16" if not touches(block, ["10.99.0.0/16"]) else "192.168.0.0/16"
    service = "172.31.0.0/16" if not touches(block, ["172.31.0.0/16"]) else "192.168.0.0/20"
    lines = {
        "network.cidr": error_lines(network={"cidr": block}, cluster={"serviceCidr": service}),
        "cluster.serviceCidr": error_lines(network={"cidr": free_of}, cluster={"serviceCidr": block}),
        "cluster.publicAccessCidrs[0]": error_lines(cluster={"publicAccessCidrs": [block]}),
    }
    if not touches(block, ["10.99.0.0/16", "172.31.0.0/16"]):
        lines["network.peerCidrs[0]"] = error_lines(
            network={"cidr": "10.99.0.0/16", "peerCidrs": [block]}, cluster={"serviceCidr": "172.31.0.0/16"}
        )
    for path, found in lines.items():
        assert (found == []) is accepted[path], (path, block, found)
        assert all(line.startswith(f"{path}: must be ") and line.endswith(f', got "{block}"') for line in found)


WRITTEN_OTHERWISE: list[object] = [
    *["10.0.0.1/16", "10.0.0.0", "10.0.0.0/255.255.0.0", "10.0.0.0/0.0.255.255", "10.0/16", " 10.0.0.0/16", "::/64"],
    *["10.0.0.0/33", "010.0.0.0/16", "\uff110.0.0.0/16", "10.0.0.0/16\n", "", None, 167772160, True, ["10.0.0.0/16"]],
]


@pytest.mark.parametrize("block", WRITTEN_OTHERWISE)
def test_refuses_other_spellings_of_a_block(block: object) -> None:
    """The only form is an IPv4 address, a slash and a length, without host bits."""
    for group, name in (("network", "cidr"), ("cluster", "serviceCidr")):
        (line,) = error_lines(**{group: {name: block}})
        assert line.startswith(f"{group}.{name}: must be a block of IPv4 addresses, with no host bits set")


@pytest.mark.parametrize("block", WRITTEN_OTHERWISE)
def test_a_public_block_has_an_example_that_is_accepted_for_it(block: object) -> None:
    """A private block, the example of other settings, is refused here."""
    (line,) = error_lines(cluster={"publicAccessCidrs": [block]})

    accepted = "must be a block of public IPv4 addresses, with no host bits set, such as YOUR_ADDRESS/32"
    assert line.startswith(f"cluster.publicAccessCidrs[0]: {accepted}")


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        ({"cluster": {"adminRoles": ["a", "b", "a"]}}, "cluster.adminRoles: must name each role once, got a, b, a"),
        ({"cluster": {"adminRoles": ["ops", "Ops"]}}, "cluster.adminRoles: must name each role once, got ops, Ops"),
        (
            {"cluster": {"publicAccessCidrs": ["52.1.1.0/24"] * 2}},
            "cluster.publicAccessCidrs: must name each block once",
        ),
        (
            {"network": {"interfaceEndpoints": [*ENDPOINTS_OF_PODS, "sqs"]}},
            "network.interfaceEndpoints: must name each service once",
        ),
        ({"network": {"availabilityZones": ["a", "b", "a"]}}, "network.availabilityZones: must name each zone once"),
        (
            {"network": {"peerCidrs": ["10.9.0.0/16"] * 2}},
            "network.peerCidrs[1]: must not overlap network.peerCidrs[0]",
        ),
    ],
)
def test_refuses_duplicates_in_lists(settings_: dict[str, object], message: str) -> None:
    """Two resources would get the same name, or IAM would get the same role."""
    (line,) = error_lines(**settings_)

    assert message in line


@pytest.mark.parametrize("block", ["192.0.2.7/32", "198.51.100.0/24", "203.0.113.7/32"])
def test_refuses_documentation_addresses(block: str) -> None:
    """EKS refuses the blocks of RFC 5737; the message says to use the user's own address."""
    (line,) = error_lines(cluster={"publicAccessCidrs": [block]})

    assert line.startswith("cluster.publicAccessCidrs[0]: must be your own public address instead of an example: ")
    assert line.endswith(f'is reserved for documentation or protocols, got "{block}"')
