"""Settings that a rehearsal changes."""

import os

import pytest

from infra.commands import rehearse
from stacks.settings import parse_settings


def test_replaces_privileged_ports_for_an_unprivileged_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """For root, and for ports above 1023, the setting of the stack stays."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    standard = parse_settings({"region": "eu-central-1"}, "test")
    moved = parse_settings({"region": "eu-central-1", "edge": {"httpPort": 8080, "httpsPort": 8443}}, "test")
    both = {("drydock:edge", "httpPort"): 8080, ("drydock:edge", "httpsPort"): 8443}
    assert rehearse._reachable_ports(standard) == both
    assert rehearse._reachable_ports(moved) == {}
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert rehearse._reachable_ports(standard) == {}


@pytest.mark.parametrize(
    ("asked", "used"),
    [
        ({}, {"minReadySeconds": 1, "drainSeconds": 0}),
        ({"minReadySeconds": 1, "drainSeconds": 1}, {"drainSeconds": 0}),
        ({"minReadySeconds": 0, "drainSeconds": 0}, {}),
    ],
)
def test_shortens_only_longer_waits(asked: dict[str, object], used: dict[str, object]) -> None:
    """A wait that is already as short as that of a rehearsal is kept."""
    settings = parse_settings({"region": "eu-central-1", "service": asked}, "test")
    assert rehearse._shorter_waits(settings) == {("drydock:service", key): value for key, value in used.items()}
