"""Settings that a rehearsal changes, and its list of unchecked values."""

import os
from pathlib import Path

import pytest
from rich.console import Console

from infra.commands import rehearse
from infra.engine import trust
from infra.errors import InputError, OperationError
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
        ({}, {"minReadySeconds": 1, "drainSeconds": 0, "progressDeadlineSeconds": 60}),
        ({"minReadySeconds": 1, "drainSeconds": 1, "progressDeadlineSeconds": 60}, {"drainSeconds": 0}),
        ({"minReadySeconds": 0, "drainSeconds": 0, "progressDeadlineSeconds": 30}, {}),
    ],
)
def test_shortens_only_longer_waits(asked: dict[str, object], used: dict[str, object]) -> None:
    """A wait that is already as short as that of a rehearsal is kept."""
    settings = parse_settings({"region": "eu-central-1", "service": asked}, "test")
    assert rehearse._shorter_waits(settings) == {("drydock:service", key): value for key, value in used.items()}


def test_an_error_names_the_logs_that_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the rehearsal are removed with its folder."""
    monkeypatch.setattr(rehearse, "STATE", tmp_path)
    (tmp_path / "rehearse-dev-1" / "logs").mkdir(parents=True)
    (tmp_path / "rehearse-dev-1" / "logs" / "node.log").write_text("started")
    error = OperationError(f"not ready; see {tmp_path}/rehearse-dev-1/logs")

    kept = rehearse._keep_logs(tmp_path / "rehearse-dev-1", "dev", error)

    assert str(error) == f"not ready; see {tmp_path}/last-rehearsal-dev"
    assert (kept / "node.log").read_text() == "started"


def test_lists_what_was_not_checked() -> None:
    """Each row has the resource type, the property, and the request parameter, if it is sent."""
    found = {
        "unchecked_properties": [
            ["aws:sqs/queue:Queue", "name", "sqs CreateQueue QueueName"],
            ["", "", "elbv2 RegisterTargets TargetGroupArn"],
        ],
        "recorded_inputs": ["aws:rds/instance:Instance performanceInsightsEnabled"],
    }
    console = Console(width=200)
    with console.capture() as captured:
        console.print(trust.unchecked(found))

    assert [line.split() for line in captured.get().splitlines()] == [
        ["resource", "type", "property", "request", "parameter"],
        ["-", "-", "elbv2", "RegisterTargets", "TargetGroupArn"],
        ["aws:rds/instance:Instance", "performanceInsightsEnabled", "recorded", "only"],
        ["aws:sqs/queue:Queue", "name", "sqs", "CreateQueue", "QueueName"],
    ]


def test_the_bootstrap_has_no_list_of_unchecked_values() -> None:
    with pytest.raises(InputError, match="--unchecked: the rehearsal of bootstrap does not count values"):
        rehearse.rehearse("bootstrap", unchecked=True)
