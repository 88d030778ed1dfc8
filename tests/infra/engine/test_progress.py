"""The displayed progress of an operation."""

import io

from pulumi.automation.events import DiagnosticEvent, EngineEvent

from infra.engine.progress import Progress

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
