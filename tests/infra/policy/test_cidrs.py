"""Which CIDR blocks count as the whole internet."""

from typing import Any

import pytest

from infra.policy.cidrs import is_world


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "2000::/3", "1.2.3.4/0"])
def test_is_world(cidr: str) -> None:
    """The whole address space, and blocks that cover half of it or more."""
    assert is_world(cidr)


@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "203.0.113.7/32", "2001:db8::/32", "", "nonsense", None, 7])
def test_is_not_world(cidr: Any) -> None:
    """Networks, single addresses, and values that are no CIDR block."""
    assert not is_world(cidr)
