"""Sets of IPv4 addresses, as lists of CIDR blocks."""

from collections.abc import Iterable
from functools import cache, lru_cache
from ipaddress import IPv4Network, IPv6Network, collapse_addresses
from typing import Any

from infra.reach.verdict import Verdict
from infra.resources.properties import items

Blocks = tuple[IPv4Network, ...]

EVERYTHING = IPv4Network("0.0.0.0/0")
# Addresses that no host on the internet has: https://www.iana.org/assignments/iana-ipv4-special-registry.
NOT_PUBLIC = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
    )
)


def block(value: Any) -> IPv4Network | None:
    """Parse an IPv4 CIDR block, ignoring host bits as AWS does; return None if the value is not one."""
    return _ipv4(value) if isinstance(value, str) else None


def is_ipv6(value: Any) -> bool:
    """Return whether the value is an IPv6 CIDR block, which contains no IPv4 addresses."""
    return isinstance(value, str) and _is_ipv6(value)


@lru_cache(maxsize=1024)
def _ipv4(value: str) -> IPv4Network | None:
    try:
        return IPv4Network(value, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def _is_ipv6(value: str) -> bool:
    try:
        return bool(IPv6Network(value, strict=False))
    except ValueError:
        return False


def blocks(value: Any) -> Blocks:
    """Return all known CIDR blocks of a property, whose value is one block or a list."""
    return tuple(found for each in items(value) if (found := block(each)))


def without(addresses: Iterable[IPv4Network], taken: IPv4Network) -> Blocks:
    """Return the addresses that are not in a CIDR block."""
    left: list[IPv4Network] = []
    for each in addresses:
        if not each.overlaps(taken):
            left.append(each)
        elif taken.prefixlen > each.prefixlen:
            left.extend(each.address_exclude(taken))
    return tuple(left)


def within(addresses: Iterable[IPv4Network], taken: IPv4Network) -> Blocks:
    """Return the addresses that are in a CIDR block."""
    return tuple(max(each, taken, key=lambda one: one.prefixlen) for each in addresses if each.overlaps(taken))


@cache
def public() -> Blocks:
    """Return the public addresses of the internet."""
    left: Blocks = (EVERYTHING,)
    for taken in NOT_PUBLIC:
        left = without(left, taken)
    return left


def covered(addresses: Iterable[IPv4Network], allowed: Iterable[IPv4Network]) -> Verdict:
    """Return whether all, some or none of the addresses are in the union of the allowed blocks.

    If `addresses` is empty, the addresses are unknown and may be in any block.
    """
    return _covered(tuple(addresses), tuple(allowed))


@lru_cache(maxsize=4096)
def _covered(addresses: Blocks, allowed: Blocks) -> Verdict:
    whole = list(collapse_addresses(allowed))
    if not addresses:
        return Verdict.UNKNOWN if whole else Verdict.NO
    if not any(each.overlaps(one) for each in addresses for one in whole):
        return Verdict.NO
    inside = all(any(each.subnet_of(one) for one in whole) for each in addresses)
    return Verdict.YES if inside else Verdict.SOME
