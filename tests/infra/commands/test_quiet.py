"""`--quiet` of the long commands: what it omits and what it keeps. Mocked: engine, account and local cloud."""

import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi.automation.events import (
    DiagnosticEvent,
    EngineEvent,
    OpType,
    ResOutputsEvent,
    StepEventMetadata,
    StepEventStateMetadata,
)
from typer.testing import CliRunner, Result

from infra import cli
from infra.engine import account_preflight, bootstrapping, leaks, operations, progress, session
from infra.engine.operations import Outcome
from infra.engine.places import ROOT
from infra.engine.progress import Progress
from infra.preflight.reader import Reader

BUCKET = "urn:pulumi:prod::drydock::aws:s3/bucket:Bucket::logs"
STATE = StepEventStateMetadata("aws:s3/bucket:Bucket", BUCKET, "logs", "", "", inputs={}, outputs={})
STEP = StepEventMetadata(OpType.CREATE, BUCKET, "aws:s3/bucket:Bucket", "", new=STATE)
EVENTS = (
    EngineEvent(0, 0, res_outputs_event=ResOutputsEvent(STEP, planning=False)),
    EngineEvent(0, 0, diagnostic_event=DiagnosticEvent("waiting", "never", "info", urn=BUCKET, ephemeral=True)),
    EngineEvent(0, 0, diagnostic_event=DiagnosticEvent("support ends soon", "never", "warning", urn=BUCKET)),
)
RESOURCE = "+ aws:s3/bucket:Bucket logs"
WAITING = "logs: waiting"
WARNING = "warning support ends soon"
REMAINS = "remains no snapshot, backup, key, secret, bucket, log group or repository of it is left"
LONG = {"up", "preview", "rehearse", "diff", "guard", "down", "refresh", "policy"}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Return a function that runs a command; each operation creates a bucket, and the program warns."""

    def operation(_stack: Any, shown: Progress, *_: Any, **__: Any) -> Outcome:
        for event in EVENTS:
            shown.show(event)
        return Outcome("up", counts=Counter(create=2), outputs={"url": "http://here"})

    stack = SimpleNamespace(export_stack=lambda: SimpleNamespace(deployment={}))
    opened = session.Session(stack=stack, name="prod", where="AWS")  # type: ignore[arg-type]
    for name in ("deployed", "for_preview", "from_nothing"):
        monkeypatch.setattr(session, name, lambda *_: nullcontext(opened))
    for name in ("preview", "up", "refresh", "destroy"):
        monkeypatch.setattr(operations, name, operation)
    monkeypatch.setattr(Outcome, "require_no_changes", lambda _outcome: "0 changes")
    monkeypatch.setattr(account_preflight, "require_ready", lambda *_: None)
    monkeypatch.setattr(Reader, "__call__", lambda *_, **__: {})
    monkeypatch.setattr(bootstrapping.command, "throw_away", lambda *_: nullcontext(tmp_path))
    account = SimpleNamespace(providers={}, aws_endpoint="")
    monkeypatch.setattr(bootstrapping, "serve_account", lambda *_: nullcontext(account))
    monkeypatch.setattr(bootstrapping, "prepare", lambda *_, **__: SimpleNamespace(open=lambda: stack))
    monkeypatch.setattr(bootstrapping.leaks, "in_account", lambda _endpoint: leaks.LeakReport(left=[], kept=[]))

    def run(*arguments: str) -> Result:
        monkeypatch.setattr(progress, "_warned", set())
        return CliRunner().invoke(cli.app, arguments, catch_exceptions=False)

    return run


def lines(result: Result) -> list[str]:
    """Return the lines on stderr without the seconds since the start, and with single spaces."""
    assert result.exit_code == 0
    return [" ".join(re.sub(r"^ *[\d.]+s", "", line).split()) for line in result.stderr.splitlines()]


@pytest.mark.parametrize(
    ("command", "kept", "omitted"),
    [
        (
            "up prod --yes",
            [WARNING, "done 2 create in 0.0 s"],
            ["prod on AWS", "plan 2 create; no policy violation", RESOURCE, WAITING],
        ),
        (
            "preview prod",
            [WARNING, "preview 2 create in 0.0 s"],
            ["preview prod, against: AWS", RESOURCE, WAITING],
        ),
        ("down prod --yes", [WARNING, "done 2 create in 0.0 s", REMAINS], [RESOURCE, WAITING]),
        ("refresh prod", [WARNING, "refresh 2 create in 0.0 s"], []),
        ("policy dev prod", [WARNING], ["policy checking dev", "policy checking prod"]),
        (
            "rehearse bootstrap",
            [WARNING, "passed bootstrap passed every step: 0 s"],
            [
                "pass preview + policy 0.0 s 2 create",
                "pass up 0.0 s 2 create",
                "pass policy 0.0 s 2 create; 0 boundaries, which grant nothing, are not checked",
                "pass up again 0.0 s 0 changes",
                "pass refresh 0.0 s no drift",
                "pass unprotect 0.0 s 2 create",
                "pass destroy 0.0 s 0 left in the AWS account and the API server",
            ],
        ),
    ],
)
def test_omits_progress_and_keeps_warnings_and_the_result(
    run: Callable[..., Result], command: str, kept: list[str], omitted: list[str]
) -> None:
    """On stdout, both runs print the same."""
    loud, quiet = run(*command.split()), run(*command.split(), "--quiet")

    assert lines(quiet) == kept
    assert Counter(lines(loud)) == Counter([*kept, *omitted])
    assert quiet.stdout == loud.stdout


def test_all_long_commands_have_the_option_and_the_docs_say_so() -> None:
    """It is off by default. The other commands print no progress."""
    page = (ROOT / "docs" / "commands.md").read_text()

    options = {name: inspect.signature(cli.function(name)).parameters.get("quiet") for name in cli.COMMANDS}
    assert {name: option.default for name, option in options.items() if option} == dict.fromkeys(LONG, False)
    assert set(re.findall(r"^\| `drydock (\w+)[^`]* \[--quiet\]` \|", page, re.MULTILINE)) == LONG


def test_asks_with_the_plan_before_it_changes_a_stack_on_aws(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line with the plan is progress, which --quiet omits, so the question has the plan too."""
    asked: list[str] = []
    monkeypatch.setattr("infra.commands.up.sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    monkeypatch.setattr("infra.commands.up.typer.confirm", lambda text, abort: asked.append(text))
    run("up", "prod", "--quiet")

    assert asked == ["Change prod as planned (2 create)?"]


@pytest.mark.parametrize("quiet", [True, False])
def test_shows_a_build_of_tools_only_without_quiet(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, quiet: bool
) -> None:
    """The first command builds the engine, which takes minutes."""
    shown: list[bool] = []

    def ensure(_names: object, *, progress: bool) -> Any:
        shown.append(progress)
        return SimpleNamespace(pulumi=tmp_path)

    @contextmanager
    def nothing(*_: object) -> Iterator[Path]:
        yield tmp_path

    monkeypatch.setattr(session, "ensure", ensure)
    monkeypatch.setattr(session, "prepare", lambda *_: SimpleNamespace(open=lambda: None))
    monkeypatch.setattr(session, "providers_of", nothing)
    monkeypatch.setattr(session.command, "throw_away", nothing)
    with session.from_nothing("dev", Progress(quiet=quiet)):
        pass

    assert shown == [not quiet]
