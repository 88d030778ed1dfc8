"""How networks of the program are named on this machine."""

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
def test_private_networks_are_loopback_ones(value: str, expected: str) -> None:
    """As pods' own addresses are; the load balancer connects from such an address."""
    assert loopback_networks(value) == expected


@pytest.mark.parametrize("value", ["", "10.0.0.1", "10.0.0.0/20,https://a", "8.8.8.0/24", "0.0.0.0/0", "fd00::/8"])
def test_other_values_stay(value: str) -> None:
    """An address alone, text, and what is not private."""
    assert loopback_networks(value) == value


@given(st.text())
def test_any_text_is_taken(value: str) -> None:
    """A value that names no networks is not touched."""
    assert loopback_networks(value) == value or "/" in value
