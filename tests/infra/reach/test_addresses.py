"""Sets of CIDR blocks behave as sets of addresses; all addresses of a small network are compared."""

from ipaddress import IPv4Address, IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from infra.reach.addresses import NOT_PUBLIC, block, blocks, covered, public, within, without
from infra.reach.verdict import Verdict

WORLD = IPv4Network("10.0.0.0/27")


def _small(prefix: int, index: int) -> IPv4Network:
    return list(WORLD.subnets(new_prefix=prefix))[index % 2 ** (prefix - 27)]


small_blocks = st.builds(_small, st.integers(27, 32), st.integers(0, 31))
sets = st.lists(small_blocks, max_size=4)


def members(found: "list[IPv4Network] | tuple[IPv4Network, ...]") -> set[IPv4Address]:
    """Return all addresses of the blocks."""
    return {address for each in found for address in each}


@given(sets, small_blocks)
def test_within_and_without_split_a_set_by_a_block(found: list[IPv4Network], taken: IPv4Network) -> None:
    """`within` is the intersection with the block, and `without` is the difference."""
    assert members(without(found, taken)) == members(found) - set(taken)
    assert members(within(found, taken)) == members(found) & set(taken)


@given(sets, sets)
def test_coverage_does_not_depend_on_how_blocks_are_split(found: list[IPv4Network], allowed: list[IPv4Network]) -> None:
    """All, some or none of the addresses are allowed, whatever blocks they are given in."""
    inside = members(found) & members(allowed)

    verdict = covered(found, allowed)
    if not found:
        assert verdict is (Verdict.UNKNOWN if allowed else Verdict.NO)
    elif not inside:
        assert verdict is Verdict.NO
    else:
        assert verdict is (Verdict.YES if inside == members(found) else Verdict.SOME)


def test_the_internet_is_all_addresses_but_the_special_ones() -> None:
    """Each address belongs to exactly one of the two sets."""
    assert sum(each.num_addresses for each in [*public(), *NOT_PUBLIC]) == 2**32
    assert covered(public(), [IPv4Network("0.0.0.0/0")]) is Verdict.YES
    assert covered(public(), [IPv4Network("0.0.0.0/1"), IPv4Network("128.0.0.0/1")]) is Verdict.YES
    assert covered(public(), [IPv4Network("203.0.113.0/24")]) is Verdict.SOME
    assert covered(public(), [IPv4Network("10.0.0.0/8")]) is Verdict.NO


def test_reads_blocks_as_aws_does() -> None:
    """Host bits are dropped; a value that is not an IPv4 block gives None."""
    assert block("10.0.0.7/24") == IPv4Network("10.0.0.0/24")
    assert [block(each) for each in ("", "::/0", "10.0.0.0/33", 7.0, None, ["10.0.0.0/8"])] == [None] * 6
    assert blocks(["10.0.0.0/8", "::/0", None]) == (IPv4Network("10.0.0.0/8"),)
