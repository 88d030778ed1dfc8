"""The state and the account are made consistent after a failure. Mocked: the stack and the account."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation
from pulumi.automation.events import (
    EngineEvent,
    OpType,
    ResOpFailedEvent,
    StepEventMetadata,
    StepEventStateMetadata,
)

from infra.engine import checkpoint, unanswered
from infra.engine import reconcile as module
from infra.engine.reconcile import known_revisions, reconcile
from infra.engine.unanswered import Unanswered
from infra.errors import CorruptStateError
from localcloud.kubernetes import own
from tests.support.clouds import cloud

ROLE, BUCKET = "urn:pulumi:local::drydock::aws:iam/role:Role::r", "urn:pulumi:local::drydock::aws:s3/bucket:Bucket::b"


def resource(urn: str, id_: str, revision: str = "1", **more: Any) -> dict[str, Any]:
    """Return a resource as in the state file."""
    return {"urn": urn, "type": urn.split("::")[2], "id": id_, "outputs": {"__revision": revision}, **more}


class FakeStack:
    """A stack with the given state; it records imports and refreshes."""

    name = "local"

    def __init__(self, resources: list[dict[str, Any]], begun: list[str]) -> None:
        pending = [{"type": "creating", "resource": {"urn": urn, "type": urn.split("::")[2]}} for urn in begun]
        self._deployment = {"resources": resources, "pending_operations": pending}
        self.imported: list[Any] = []
        self.refreshed: list[list[str]] = []

    def export_stack(self) -> automation.Deployment:
        """Return the state."""
        return automation.Deployment(version=3, deployment=self._deployment)

    def import_stack(self, deployment: automation.Deployment) -> None:
        """Record the deployment."""
        self.imported.append(deployment.deployment)

    def refresh(self, target: list[str]) -> None:
        """Record the targets."""
        self.refreshed.append(target)


Run = Callable[[FakeStack], list[str]]


class Account:
    """Stands for the local account: its ledger, and its answer to a reconciliation."""

    def __init__(self) -> None:
        self.ledger: list[dict[str, str]] = []
        self.answer: dict[str, list[dict[str, str]]] = {"undone": [], "missing": []}
        self.known: list[dict[str, str]] | None = None

    def ask(self, url: str, question: dict[str, Any] | None = None) -> Any:
        """Answer, and record which resources the request lists as known."""
        if question is None:
            assert url == "http://here/drydock/ledger"
            return self.ledger
        assert url == "http://here/drydock/reconcile"
        self.known = question["known"]
        return self.answer


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """The account of the stack."""
    fake = Account()
    monkeypatch.setattr(module, "ask", fake.ask)
    return fake


@pytest.fixture
def run(tmp_path: Path) -> Callable[[FakeStack], list[str]]:
    """Return a function that reconciles a stack with the account."""

    def reconciled(stack: FakeStack) -> list[str]:
        path = checkpoint.path(tmp_path, stack.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"version": 3, "checkpoint": {"latest": stack.export_stack().deployment}}))
        return reconcile(stack, cloud(aws_endpoint="http://here"), tmp_path)  # type: ignore[arg-type]

    return reconciled


def test_a_consistent_stack_is_not_changed(account: Account, run: Run) -> None:
    """The account is asked also if no operation is unfinished, because the engine may have run on after a kill."""
    stack = FakeStack([resource(BUCKET, "b-1", "7")], begun=[])

    assert run(stack) == []
    assert account.known == [{"urn": BUCKET, "id": "b-1", "revision": "7"}]
    assert (stack.imported, stack.refreshed) == ([], [])


def test_reports_undone_operations(account: Account, run: Run) -> None:
    """The line has operation, type, name and id."""
    account.answer["undone"] = [{"op": "create", "urn": BUCKET, "type": "aws:s3/bucket:Bucket", "id": "b-1"}]

    assert run(FakeStack([resource(ROLE, "r")], begun=[])) == [
        "undid the create of aws:s3/bucket:Bucket b (b-1): it is not in the state"
    ]


def test_removes_unfinished_operations_from_the_state(account: Account, run: Run) -> None:
    """With pending operations the engine would refuse to run."""
    stack = FakeStack([resource(ROLE, "r")], begun=[BUCKET])
    run(stack)

    assert stack.imported == [{"resources": [resource(ROLE, "r")], "pending_operations": []}]


def test_refreshes_resources_that_the_account_lost(account: Account, run: Run) -> None:
    """After the refresh, the next `up` creates them again."""
    account.answer["missing"] = [{"urn": ROLE, "id": "r"}]
    stack = FakeStack([resource(ROLE, "r")], begun=[])

    assert run(stack) == ["refreshed aws:iam/role:Role r (r): the account is older than the state"]
    assert stack.refreshed == [[ROLE]]


def test_known_revisions_are_those_of_existing_aws_resources() -> None:
    """Resources of other providers, components, and deleted ones that await their replacement are left out."""
    state = [
        resource("urn:pulumi:local::drydock::random:index/randomId:RandomId::r", "r"),
        {"urn": "urn:pulumi:local::drydock::drydock:network:Network::n", "type": "drydock:network:Network"},
        resource(BUCKET, "old", "1", delete=True),
        resource(BUCKET, "new", "2"),
        resource(ROLE, "r", pendingReplacement=True),
        {"urn": ROLE, "type": "aws:iam/role:Role", "id": "imported"},
    ]

    assert known_revisions(state) == [
        {"urn": BUCKET, "id": "old", "revision": "1"},
        {"urn": BUCKET, "id": "new", "revision": "2"},
        {"urn": ROLE, "id": "imported", "revision": ""},
    ]


def test_refuses_an_empty_state_with_a_used_account(account: Account, run: Run) -> None:
    """Nothing is undone; the message has the number of resources in the account."""
    account.ledger = [{"urn": BUCKET, "type": "aws:s3/bucket:Bucket", "id": "b-1"}]

    with pytest.raises(CorruptStateError, match="account has 1 resources"):
        run(FakeStack([], begun=[]))
    assert account.known is None


def test_a_retained_resource_stays_in_the_account(account: Account, run: Run) -> None:
    """With `retainOnDelete`, deletion affects the state only, and the next command does not undo its creation."""
    key = {"urn": BUCKET, "id": "b-1", "revision": "7"}
    account.ledger = [{**key, "type": "aws:s3/bucket:Bucket"}]
    run(FakeStack([resource(BUCKET, "b-1", "7", retainOnDelete=True), resource(ROLE, "r")], begun=[]))
    assert account.known == [key, {"urn": ROLE, "id": "r", "revision": "1"}]

    run(FakeStack([resource(ROLE, "r")], begun=[]))
    assert account.known == [{"urn": ROLE, "id": "r", "revision": "1"}, key]
    run(FakeStack([], begun=[]))
    assert account.known == [key]


def test_does_not_refresh_a_retained_resource_that_the_account_lost(account: Account, run: Run) -> None:
    """The engine cannot refresh a resource that is not in its state."""
    run(FakeStack([resource(BUCKET, "b-1", retainOnDelete=True)], begun=[]))
    account.answer["missing"] = [{"urn": BUCKET, "id": "b-1"}]
    stack = FakeStack([resource(ROLE, "r")], begun=[])

    assert run(stack) == []
    assert stack.refreshed == []


CONFIG = "urn:pulumi:local::drydock::drydock:workload:Workload$kubernetes:core/v1:ConfigMap::settings"
OBJECT = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "app", "name": "settings-1a2b"}}


def config_map(**more: Any) -> dict[str, Any]:
    """Return a Kubernetes resource as in the state file."""
    type_ = "kubernetes:core/v1:ConfigMap"
    return {"urn": CONFIG, "type": type_, "id": "app/settings-1a2b", "inputs": OBJECT, "outputs": {}, **more}


@pytest.mark.parametrize("op", ["update", "updating", "delete", "deleting", "delete-replaced"])
def test_a_change_without_a_response_is_applied_again(account: Account, run: Run, tmp_path: Path, op: str) -> None:
    """The resource gets an `initErrors` entry, with which the engine updates it even if the program did not change."""
    unanswered.store(tmp_path, [Unanswered(op=op, urn=CONFIG, inputs=OBJECT)])
    stack = FakeStack([config_map(), resource(ROLE, "r")], begun=[])

    assert run(stack) == ["will apply settings again: the response to its last change was lost"]
    marked = config_map(initErrors=["the response to the last change was lost"])
    assert stack.imported == [{"resources": [marked, resource(ROLE, "r")], "pending_operations": []}]
    assert run(FakeStack([config_map()], begun=[])) == []


@pytest.mark.parametrize(
    ("state", "theirs", "deleted"),
    [
        ([resource(ROLE, "r")], False, ["ConfigMap app/settings-1a2b"]),
        ([resource(ROLE, "r")], True, []),
        ([config_map()], False, []),
    ],
)
def test_deletes_an_object_that_is_not_in_the_state(
    account: Account,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    state: list[dict[str, Any]],
    theirs: bool,
    deleted: list[str],
) -> None:
    """Only an object that the stand-in created is deleted; the next `up` may choose another name."""
    monkeypatch.setattr(own, "delete_own", lambda _cloud, _reference: not theirs)
    unanswered.store(tmp_path, [Unanswered(op="create", urn=CONFIG, inputs=OBJECT)])

    assert run(FakeStack(state, begun=[])) == [f"deleted {name}: it is not in the state" for name in deleted]


def test_takes_pending_operations_of_kubernetes_from_the_state() -> None:
    """A killed engine leaves them there; those of AWS are found by their revisions."""
    pending = [
        {"type": "updating", "resource": config_map()},
        {"type": "creating", "resource": resource(ROLE, "")},
    ]

    assert unanswered.load(Path("/nowhere"), pending) == [Unanswered(op="updating", urn=CONFIG, inputs=OBJECT)]


def failed(op: OpType, type_: str, **states: StepEventStateMetadata) -> EngineEvent:
    """Return the event of a failed operation."""
    step = StepEventMetadata(op=op, urn=CONFIG, type=type_, provider="", **states)
    return EngineEvent(sequence=1, timestamp=1, res_op_failed_event=ResOpFailedEvent(metadata=step, status=0, steps=0))


def test_collects_failed_kubernetes_operations_from_events() -> None:
    """A deletion has the old state only. Operations of other providers are left out."""
    was = StepEventStateMetadata.from_json({"type": "kubernetes:core/v1:ConfigMap", "urn": CONFIG, "inputs": OBJECT})
    events = [
        failed(OpType.CREATE, "kubernetes:core/v1:ConfigMap", new=was),
        failed(OpType.DELETE, "kubernetes:core/v1:ConfigMap", old=was),
        failed(OpType.CREATE, "aws:s3/bucket:Bucket", new=was),
        EngineEvent(sequence=2, timestamp=1),
    ]

    assert unanswered.failed_operations(events) == [
        Unanswered(op="create", urn=CONFIG, inputs=OBJECT),
        Unanswered(op="delete", urn=CONFIG, inputs=OBJECT),
    ]
