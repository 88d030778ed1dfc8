"""The displayed progress of an operation."""

import io
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi.automation.events import DiagnosticEvent, EngineEvent

from infra.engine.progress import Progress
from tests.support.service import until

STACK = "urn:pulumi:dev::drydock::pulumi:pulumi:Stack::drydock-dev"


def warning(message: str, urn: str | None, severity: str = "warning") -> EngineEvent:
    return EngineEvent(0, 0, diagnostic_event=DiagnosticEvent(message, "never", severity, urn=urn))


def test_a_warning_of_the_program_is_shown_once() -> None:
    """The preview, which runs the same program before the deployment, does not show it."""
    stream = io.StringIO()
    for quiet in (True, False):
        Progress(stream, quiet=quiet).show(warning("support ends\nsoon", STACK))

    (line,) = stream.getvalue().splitlines()
    assert line.endswith(" warning    support ends soon")


def test_quiet_omits_progress_and_keeps_reports() -> None:
    """Notes and results are reports."""
    stream = io.StringIO()
    progress = Progress(stream, quiet=True)
    progress.say("cloud", "starting")
    progress.report("note", "another version is used")

    assert stream.getvalue() == "   0.0s note       another version is used\n"


def test_does_not_show_messages_of_the_engine_about_itself() -> None:
    stream = io.StringIO()
    Progress(stream).show(warning("using a plugin from $PATH", None))
    Progress(stream).show(warning("a note", STACK, severity="info"))

    assert stream.getvalue() == ""


JOB = "urn:pulumi:dev::drydock::kubernetes:batch/v1:Job::migration"


def step(kind: str, urn: str, *, custom: bool = True) -> Any:
    """Return an event about the start or the end of an operation on a resource."""
    names = dict.fromkeys(("diagnostic_event", "resource_pre_event", "res_outputs_event", "res_op_failed_event"))
    metadata = SimpleNamespace(urn=urn, op="create", type="any", new=SimpleNamespace(custom=custom), old=None)
    return SimpleNamespace(**{**names, kind: SimpleNamespace(metadata=metadata)})


def test_reminds_of_an_operation_that_takes_long() -> None:
    """The line has the last reason for waiting, also if no line for each resource is printed. Components have none."""
    stream = io.StringIO()
    progress = Progress(stream, each_resource=False)
    waiting = EngineEvent(
        0, 0, diagnostic_event=DiagnosticEvent("0 of 1 pods done", "never", "info#err", urn=JOB, ephemeral=True)
    )
    with progress.reminders(0.01):
        progress.show(step("resource_pre_event", STACK, custom=False))
        progress.show(step("resource_pre_event", JOB))
        until(lambda: " waiting    migration for 0 s\n" in stream.getvalue())
        progress.show(waiting)
        until(lambda: " waiting    migration for 0 s: 0 of 1 pods done\n" in stream.getvalue())
    assert "drydock-dev" not in stream.getvalue()


@pytest.mark.parametrize("kind", ["res_outputs_event", "res_op_failed_event"])
def test_does_not_remind_of_operations_that_have_ended(kind: str) -> None:
    stream = io.StringIO()
    progress = Progress(stream, each_resource=False)
    with progress.reminders(0.01):
        progress.show(step("resource_pre_event", JOB))
        until(lambda: "waiting" in stream.getvalue())
        progress.show(step(kind, JOB))
        assert progress._long(0.0) == []
