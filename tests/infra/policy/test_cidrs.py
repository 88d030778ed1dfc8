"""World-wide address ranges."""

from typing import Any

import pytest

from infra.policy.cidrs import is_world


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "2000::/3", "1.2.3.4/0"])
def test_is_world(cidr: str) -> None:
    """All of it, and parts that are as good as all."""
    assert is_world(cidr)


@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "203.0.113.7/32", "2001:db8::/32", "", "nonsense", None, 7])
def test_is_not_world(cidr: Any) -> None:
    """Networks, addresses, and what is no CIDR at all."""
    assert not is_world(cidr)
