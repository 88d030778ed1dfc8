"""Sets of addresses behave as sets: checked against the addresses themselves, in a small network."""

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
    """Return all addresses of blocks."""
    return {address for each in found for address in each}


@given(sets, small_blocks)
def test_a_block_parts_a_set_in_two(found: list[IPv4Network], taken: IPv4Network) -> None:
    """What is within it, and what is without."""
    assert members(without(found, taken)) == members(found) - set(taken)
    assert members(within(found, taken)) == members(found) & set(taken)


@given(sets, sets)
def test_coverage_is_that_of_the_addresses(found: list[IPv4Network], allowed: list[IPv4Network]) -> None:
    """All of them, some, or none, however the blocks are cut."""
    inside = members(found) & members(allowed)

    verdict = covered(found, allowed)
    if not found:
        assert verdict is (Verdict.UNKNOWN if allowed else Verdict.NO)
    elif not inside:
        assert verdict is Verdict.NO
    else:
        assert verdict is (Verdict.YES if inside == members(found) else Verdict.SOME)


def test_the_internet_is_all_but_the_special_addresses() -> None:
    """No address is in both, and none in neither."""
    assert sum(each.num_addresses for each in [*public(), *NOT_PUBLIC]) == 2**32
    assert covered(public(), [IPv4Network("0.0.0.0/0")]) is Verdict.YES
    assert covered(public(), [IPv4Network("0.0.0.0/1"), IPv4Network("128.0.0.0/1")]) is Verdict.YES
    assert covered(public(), [IPv4Network("203.0.113.0/24")]) is Verdict.SOME
    assert covered(public(), [IPv4Network("10.0.0.0/8")]) is Verdict.NO


def test_reads_blocks_as_aws_does() -> None:
    """Host bits are dropped; a text that is not an IPv4 block is None."""
    assert block("10.0.0.7/24") == IPv4Network("10.0.0.0/24")
    assert [block(each) for each in ("", "::/0", "10.0.0.0/33", 7.0, None, ["10.0.0.0/8"])] == [None] * 6
    assert blocks(["10.0.0.0/8", "::/0", None]) == (IPv4Network("10.0.0.0/8"),)
