"""Messages for a failed engine. Real: processes. A script stands for the engine."""

import re
import signal
from pathlib import Path

import pytest
from pulumi.automation.errors import CommandError

from infra.engine.engine_command import EngineCommand
from infra.engine.failure_reason import failure_reason, gone
from infra.engine.operations import Outcome
from infra.errors import OperationError

PROGRESS = "\n".join(f" +  aws:ec2/subnet:Subnet subnet-{number} creating (0s)" for number in range(50))


def failure(tmp_path: Path, script: str) -> CommandError:
    """Return the error of a script in place of the engine; it prints progress before it runs `script`."""
    engine = tmp_path / "pulumi"
    engine.write_text(f"#!/bin/sh\ncat <<END\n{PROGRESS}\nEND\n{script}\n")
    engine.chmod(0o700)
    with pytest.raises(CommandError) as raised:
        EngineCommand(engine).run(["up"], str(tmp_path), {})
    return raised.value


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGABRT, signal.SIGALRM])
def test_names_the_signal_that_ended_the_engine(tmp_path: Path, number: signal.Signals) -> None:
    """The message says that nothing is lost and what to do, and does not quote the progress."""
    said = failure_reason(failure(tmp_path, f"kill -{number.value} $$"))

    assert f"the Pulumi engine was ended by {number.name}" in said
    assert "is recorded; run the command again" in said
    assert ("memory ran out" in said) == (number is signal.SIGKILL)
    assert "subnet-" not in said
    assert "\n" not in said


@pytest.mark.parametrize("code", [1, 2, 255])
def test_gives_exit_code_and_stderr_without_an_error_message(tmp_path: Path, code: int) -> None:
    """The message does not quote the progress."""
    said = failure_reason(failure(tmp_path, f"echo panic: oh >&2; exit {code}"))

    assert f"ended with exit code {code} without an error message" in said
    assert said.endswith("\n  | panic: oh")
    assert "subnet-" not in said


def test_quotes_the_error_message_of_the_engine(tmp_path: Path) -> None:
    """Nothing else of its output is quoted."""
    assert failure_reason(failure(tmp_path, "echo 'error: no such file' >&2; exit 255")) == "error: no such file"


def test_a_locked_state_says_how_to_release_it(tmp_path: Path) -> None:
    """The message has the command; the engine's own text names files in the backend only."""
    said = failure_reason(failure(tmp_path, "echo 'error: the stack is currently locked by 1 lock(s)' >&2; exit 255"))

    assert "wait until it ends" in said
    assert "pulumi cancel" in said


@pytest.mark.parametrize("content", [b"", b"\x7fELF broken", None], ids=["empty", "damaged", "absent"])
def test_names_an_executable_that_does_not_start(tmp_path: Path, content: bytes | None) -> None:
    """The message has the file, the reason, and how to get another one."""
    engine = tmp_path / "pulumi"
    if content is not None:
        engine.write_bytes(content)
        engine.chmod(0o700)

    with pytest.raises(CommandError) as raised:
        EngineCommand(engine).run(["up"], str(tmp_path), {})
    assert re.fullmatch(
        f"error: {re.escape(str(engine))} does not start: .*make toolchain", failure_reason(raised.value)
    )


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("rpc error: code = Unavailable desc = error reading from server: EOF", True),
        ("dial tcp 127.0.0.1:4000: connect: connection refused", True),
        ("CreateSubnet was refused with InvalidSubnet.Conflict", False),
    ],
)
def test_detects_a_lost_connection_to_a_provider(text: str, lost: bool) -> None:
    """The message refers to `drydock status`, because the engine's text names an address only."""
    assert gone([text]) == lost
    with pytest.raises(OperationError) as raised:
        Outcome("up", errors=[text], failed=True).require_success()
    assert ("`drydock status` shows which" in str(raised.value)) == lost
