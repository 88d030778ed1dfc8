"""`drydock up`: denied requests of pods, and when the engine is not run. Mocked: engine and account; see tests/e2e."""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.commands import up
from infra.engine import account_preflight, checkpoint, denials, deployed_program, operations, session
from infra.engine.operations import Outcome
from infra.errors import OperationError
from infra.guard import deployment
from tests.infra.engine.test_denials import POD
from tests.infra.engine.test_real_providers import CLOUD
from tests.infra.review.built import step

URN = "urn:pulumi:local::drydock::pulumi:pulumi:Stack::drydock-local"


@pytest.mark.parametrize(
    ("failed", "words"), [(False, r"^IAM denied requests of pods"), (True, r"(?s)^up failed:.*denied requests of pods")]
)
def test_fails_if_a_pod_was_denied_a_request(monkeypatch: pytest.MonkeyPatch, failed: bool, words: str) -> None:
    """It fails whether the engine succeeded or not; denials from before the command do not count."""

    @contextmanager
    def deployed(*_: Any) -> Iterator[session.Session]:
        yield session.Session(stack=None, name="local", where="local cloud", cloud=CLOUD)  # type: ignore[arg-type]

    answer = [{**POD, "last": time.time() - 3600}]
    monkeypatch.setattr(session, "deployed", deployed)
    monkeypatch.setattr(operations, "preview", lambda *_, **__: Outcome("preview"))
    outcome = Outcome("up", counts=Counter(same=1))
    monkeypatch.setattr(operations, "up", lambda *_: outcome)
    monkeypatch.setattr(denials, "ask", lambda _url: {"denials": answer})
    up.up("local", yes=True)
    answer[0]["last"] = time.time()
    outcome.failed = failed

    with pytest.raises(OperationError, match=words) as refused:
        up.up("local", yes=True)

    assert "is not authorized to perform sqs:ReceiveMessage" in str(refused.value)


class Engine:
    """Stands for the engine on a local cloud. Its state has one resource, which every plan keeps.

    Args:
        dependencies: dependencies of the resource in the plan; in the state it has none.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, state: Path, dependencies: list[str]) -> None:
        self.previews: list[bool] = []
        """For each preview, whether the policy pack ran."""
        self.deployments: list[list[bool]] = []
        """For each deployment, the previews before it."""
        self._dependencies = dependencies
        path = checkpoint.path(state, "local")
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"checkpoint": {"latest": {"resources": [{"urn": URN}]}}}))
        opened = session.Session(stack=None, name="local", where="local cloud", cloud=CLOUD, state=state)  # type: ignore[arg-type]
        monkeypatch.setattr(session, "deployed", lambda *_: nullcontext(opened))
        monkeypatch.setattr(operations, "preview", self._preview)
        monkeypatch.setattr(operations, "up", self._deploy)
        monkeypatch.setattr(denials, "ask", lambda _url: {"denials": []})
        monkeypatch.setattr(deployed_program, "digest", lambda _stack: "same")

    def _preview(self, *_: Any, plan: Path, judged: bool = True) -> Outcome:
        self.previews.append(judged)
        goal = {"inputDiff": {}, "outputDiff": {}, "dependencies": self._dependencies}
        plan.write_text(json.dumps({"resourcePlans": {URN: {"steps": ["same"], "goal": goal}}}))
        return Outcome("preview", counts=Counter(same=1), outputs={"url": "http://here"})

    def _deploy(self, *_: Any) -> Outcome:
        self.deployments.append(list(self.previews))
        return Outcome("up", counts=Counter(same=1), outputs={"url": "http://here"})


@pytest.mark.parametrize(
    ("dependencies", "program", "runs"),
    [([], "same", 0), (["urn:a"], "same", 1), ([], "another", 1), ([], None, 1)],
    ids=["unchanged plan", "new dependency", "other program", "interrupted before"],
)
def test_runs_the_engine_only_if_the_state_would_change(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    dependencies: list[str],
    program: str | None,
    runs: int,
) -> None:
    """On a local cloud, a plan equal to the state is not deployed, and `up` prints the URL from the plan.

    If another program was deployed, the engine runs, because the plan may leave out resource options.
    """
    engine = Engine(monkeypatch, tmp_path, dependencies)
    if program:
        deployed_program.record(tmp_path, program)
    up.up("local", yes=True)

    assert len(engine.deployments) == runs
    assert deployed_program.recorded(tmp_path) == "same"
    assert capsys.readouterr().out == "http://here\n"


@pytest.mark.parametrize(
    ("program", "days_ago", "dependencies", "judged"),
    [
        ("same", 0, [], [False]),
        ("same", 1, [], [True]),
        ("another", 0, [], [True]),
        (None, 0, [], [True]),
        ("same", 0, ["urn:a"], [False, True]),
        ("same", 1, ["urn:a"], [True]),
    ],
    ids=["deployed today", "yesterday", "other program", "never", "changed today", "changed since yesterday"],
)
def test_runs_the_policy_pack_unless_it_checked_this_program_today(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    program: str | None,
    days_ago: int,
    dependencies: list[str],
    judged: list[bool],
) -> None:
    """A plan that will be deployed is always checked as a whole before anything is created."""
    engine = Engine(monkeypatch, tmp_path, dependencies)
    if program:
        deployed_program.record(tmp_path, program)
        then = time.time() - days_ago * 24 * 3600
        os.utime(tmp_path / "deployed-program", (then, then))
    up.up("local", yes=True)

    assert engine.previews == judged
    assert engine.deployments in ([], [judged])
    assert deployed_program.was_judged(tmp_path, "same")


def test_a_failed_deployment_leaves_no_program_recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a record, the next `up` runs the engine."""
    opened = session.Session(stack=None, name="local", where="local cloud", cloud=CLOUD, state=tmp_path)  # type: ignore[arg-type]
    monkeypatch.setattr(session, "deployed", lambda *_: nullcontext(opened))
    monkeypatch.setattr(denials, "ask", lambda _url: {"denials": []})
    monkeypatch.setattr(operations, "preview", lambda *_, **__: Outcome("preview", counts=Counter(create=1)))
    monkeypatch.setattr(operations, "up", lambda *_: Outcome("up", failed=True))
    deployed_program.record(tmp_path, "another")

    with pytest.raises(OperationError, match="up failed"):
        up.up("local", yes=True)

    assert deployed_program.recorded(tmp_path) is None


QUEUE = "aws:sqs/queue:Queue"


class OnAws:
    """Stands for the engine and the account of a stack on AWS, whose plan deletes a queue.

    Args:
        approvals: text of the file of approvals.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, approvals: str) -> None:
        self.deployments = 0
        (folder / "approvals.toml").write_text(approvals)
        opened = session.Session(stack=None, name="prod", where="AWS")  # type: ignore[arg-type]
        events = [step("delete", QUEUE, "jobs", old={})]
        monkeypatch.setattr(deployment, "ROOT", folder)
        monkeypatch.setattr(session, "deployed", lambda *_: nullcontext(opened))
        monkeypatch.setattr(account_preflight, "existing_ids", lambda _stack: {})
        monkeypatch.setattr(account_preflight, "require_ready", lambda *_: None)
        monkeypatch.setattr(operations, "preview", lambda *_, **__: Outcome("preview", events=events))
        monkeypatch.setattr(operations, "up", self._deploy)

    def _deploy(self, *_: Any) -> Outcome:
        self.deployments += 1
        return Outcome("up")


def approval(kind: str) -> str:
    """Return an entry for the queue."""
    expires = datetime.now(UTC).date()
    return (
        f'[[approval]]\nstacks = ["prod"]\nurn = "urn:pulumi:prod::drydock::{QUEUE}::jobs"\nkind = "{kind}"\n'
        f'reason = "it is empty"\nowner = "me"\nexpires = {expires}\n'
    )


def test_refuses_a_hazard_on_aws_before_anything_changes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The message has the entry that would allow it."""
    engine = OnAws(monkeypatch, tmp_path, "")

    with pytest.raises(OperationError, match="up of prod refused, and nothing was changed") as refused:
        up.up("prod", yes=True)

    assert engine.deployments == 0
    assert "its delete loses the messages" in str(refused.value)
    assert f'urn = "urn:pulumi:prod::drydock::{QUEUE}::jobs"\nkind = "stateful-loss"' in str(refused.value)


def test_deploys_a_hazard_on_aws_that_an_entry_allows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An entry that nothing needs is only a note."""
    engine = OnAws(monkeypatch, tmp_path, approval("stateful-loss") + approval("downgrade"))

    up.up("prod", yes=True)

    assert engine.deployments == 1
    notes = [line for line in capsys.readouterr().err.splitlines() if " note " in line]
    assert len(notes) == 1
    assert "entry 2 (downgrade of urn:pulumi:prod" in notes[0]
    assert "unused: nothing in this change needs it" in notes[0]


def test_a_local_cloud_needs_no_approvals(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its data is that of a developer."""
    engine = OnAws(monkeypatch, tmp_path, "")
    opened = session.Session(stack=None, name="local", where="local cloud", cloud=CLOUD)  # type: ignore[arg-type]
    monkeypatch.setattr(session, "deployed", lambda *_: nullcontext(opened))
    monkeypatch.setattr(denials, "ask", lambda _url: {"denials": []})

    up.up("local", yes=True)

    assert engine.deployments == 1
