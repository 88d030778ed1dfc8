"""Networks of the program are mapped to loopback networks of this machine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.cluster.addresses import loopback_networks


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("10.0.0.0/20", "127.0.0.0/20"),
        ("10.20.0.0/20, 10.20.16.0/20", "127.20.0.0/20,127.20.16.0/20"),
        ("172.16.0.0/12", "127.16.0.0/12"),
        ("192.168.7.0/24", "127.168.7.0/24"),
    ],
)
def test_maps_private_networks_to_loopback(value: str, expected: str) -> None:
    """Addresses of pods are mapped in the same way; the load balancer connects from such an address."""
    assert loopback_networks(value) == expected


@pytest.mark.parametrize("value", ["", "10.0.0.1", "10.0.0.0/20,https://a", "8.8.8.0/24", "0.0.0.0/0", "fd00::/8"])
def test_keeps_other_values(value: str) -> None:
    """Single addresses, other text and public networks are not mapped."""
    assert loopback_networks(value) == value


@given(st.text())
def test_accepts_any_text(value: str) -> None:
    """A value without networks is not changed."""
    assert loopback_networks(value) == value or "/" in value
