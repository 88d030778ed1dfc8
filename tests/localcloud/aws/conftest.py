"""The local account for tests of this folder: the server of the part `aws`, with an empty moto in this process."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.aws.journal import Journal
from localcloud.aws.pod_identity import Review
from localcloud.aws.provider import AwsProvider
from localcloud.aws.server import AwsServer
from localcloud.aws.shapes import same
from localcloud.protocol.servicer import Target
from localcloud.protocol.values import UNKNOWN, Properties

ACCOUNT_ID = "123456789012"
REGION = "eu-central-1"
KUBE = ("https://127.0.0.1:6443", "Q0E=")
DATABASE_ENDPOINT = ("127.0.0.1", 5433)


class Databases:
    """Stands for the PostgreSQL behind RDS: databases and their passwords."""

    def __init__(self) -> None:
        self.passwords: dict[str, str] = {}

    def ensure(self, instance: Properties) -> None:
        self.passwords[instance["identifier"]] = instance["password"]

    def drop(self, instance: Properties) -> None:
        self.passwords.pop(instance["identifier"], None)


class Stack:
    """The calls of an engine for single resources."""

    def __init__(self, provider: AwsProvider) -> None:
        self.provider = provider

    def target(self, type_: str, name: str) -> Target:
        return Target(urn=f"urn:pulumi:test::drydock::{type_}::{name}", type=type_, name=name)

    def create(self, type_: str, name: str, /, **inputs: Any) -> "Made":
        target = self.target(type_, name)
        checked = self.provider.check(target, {}, inputs)
        id_, outputs = self.provider.create(target, checked, preview=False)
        return Made(self.provider, target, id_, checked, outputs)


class Made:
    """A resource in the engine's state."""

    def __init__(
        self, provider: AwsProvider, target: Target, id_: str, inputs: Properties, outputs: Properties
    ) -> None:
        self.provider, self.target, self.id, self.inputs, self.outputs = provider, target, id_, inputs, outputs

    def refresh(self) -> list[str]:
        """Return the inputs that a refresh finds changed, and keep the found values."""
        found = self.provider.read(self.target, self.id, self.inputs, self.outputs)
        assert found is not None, f"{self.target.name} is gone"
        _, inputs, self.outputs = found
        changed = self.provider.diff(self.target, self.id, self.inputs, self.outputs, inputs).changed
        self.inputs = inputs
        return changed

    def is_gone(self) -> bool:
        return self.provider.read(self.target, self.id, self.inputs, self.outputs) is None

    def diff(self, **changes: Any) -> Any:
        given = {key: value for key, value in self.inputs.items() if key not in ("tagsAll",)}
        checked = self.provider.check(self.target, self.inputs, {**given, **changes})
        return self.provider.diff(self.target, self.id, self.inputs, self.outputs, checked)

    def update(self, **changes: Any) -> None:
        self._update(changes)

    def update_as_planned(self, **changes: Any) -> None:
        """Update; assert that values known in the preview are right, and that it knows all unchanged values."""
        planned, before = self._update(changes)
        assert wrongly_planned(planned, before, self.outputs) == []

    def _update(self, changes: Properties) -> tuple[Properties, Properties]:
        """Preview and apply an update; return the outputs of the preview, and those before the update."""
        given = {key: value for key, value in self.inputs.items() if key not in ("tagsAll",)}
        checked = self.provider.check(self.target, self.inputs, {**given, **changes})
        before = self.outputs
        planned = self.provider.update(self.target, self.id, self.inputs, before, checked, preview=True)
        self.outputs = self.provider.update(self.target, self.id, self.inputs, before, checked, preview=False)
        self.inputs = checked
        return planned, before

    def delete(self) -> None:
        self.provider.delete(self.target, self.id, self.inputs, self.outputs)


def wrongly_planned(planned: Any, before: Any, after: Any, path: str = "") -> list[str]:
    """Return paths of outputs with another value in the preview, or unknown there although they did not change."""
    if path in (".clientRequestToken", ".defaultVersionId", ".modifiedAt", ".__revision"):  # different with each update
        return [] if planned in (None, UNKNOWN) else [path]
    if planned in (None, UNKNOWN):
        return [path] if before == after and after is not None else []
    if isinstance(planned, dict) and isinstance(after, dict):
        old = before if isinstance(before, dict) else {}
        keys = sorted({*planned, *after, *old})
        return [
            wrong
            for key in keys
            for wrong in wrongly_planned(planned.get(key), old.get(key), after.get(key), f"{path}.{key}")
        ]
    return [] if same(planned, after) and same(after, planned) else [f"{path}: {planned!r}, and then {after!r}"]


def start_server(
    state: Path,
    open_journal: Callable[[Path], Journal] = Journal,
    review_token: Review = lambda _token: None,
    kube: tuple[str, str] = KUBE,
) -> AwsServer:
    server = AwsServer(
        state,
        0,
        account_id=ACCOUNT_ID,
        region=REGION,
        kube=kube,
        database_endpoint=DATABASE_ENDPOINT,
        open_journal=open_journal,
        review_token=review_token,
    )
    server.start()
    return server


@pytest.fixture
def databases() -> Databases:
    return Databases()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[AwsServer]:
    server = start_server(tmp_path)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def module_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsServer]:
    """An account for all tests of a module, which must not leave changes."""
    server = start_server(tmp_path_factory.mktemp("aws"))
    yield server
    server.stop()


@pytest.fixture
def provider(server: AwsServer, databases: Databases) -> AwsProvider:
    provider = AwsProvider(ACCOUNT_ID, REGION, server.endpoint, server.journal, databases)
    provider.configure({"region": REGION, "defaultTags": '{"tags": {"Environment": "test"}}'})
    server.on_master_login = databases.ensure

    def restore() -> None:
        provider.restore(server.journal.live.values())
        for login in server.master_logins():
            databases.ensure(login)

    server.on_rebuild = restore
    return provider


@pytest.fixture
def stack(provider: AwsProvider) -> Stack:
    return Stack(provider)
