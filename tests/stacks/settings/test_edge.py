"""Values derived from `drydock:edge`."""

import pytest

from stacks.settings.edge import EdgeSettings


@pytest.mark.parametrize(
    ("domain", "zone", "expected"),
    [
        (None, None, None),
        ("api.example.com", None, "example.com"),
        ("example.com", "example.com", "example.com"),
        ("a.b.example.com", "example.com", "example.com"),
    ],
)
def test_the_zone_is_the_parent_of_the_domain_unless_it_is_set(
    domain: str | None, zone: str | None, expected: str | None
) -> None:
    assert EdgeSettings(domain=domain, zone=zone).hosted_zone == expected
