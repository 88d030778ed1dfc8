"""A protected stack is not destroyed in part: the refusal comes before the first deletion."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest

from infra.engine import operations
from infra.engine.progress import Progress
from infra.engine.protection import require_unprotected
from infra.errors import OperationError
from localcloud.protocol.servicer import Change, Provider, Target
from localcloud.protocol.values import Properties
from tests.support.on_engine import OnEngine

CLUSTER = "aws:eks/cluster:Cluster"
INSTANCE = "aws:rds/instance:Instance"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"


def resource(type_: str, **found: Any) -> dict[str, Any]:
    return {"urn": f"urn:pulumi:prod::drydock::parent${type_}::one", "type": type_, **found}


@pytest.mark.parametrize(
    ("found", "by"),
    [
        (resource("aws:s3/bucket:Bucket", protect=True), "aws:s3/bucket:Bucket one: protect"),
        (resource("drydock:database:Database", protect=True), "drydock:database:Database one: protect"),
        (resource(CLUSTER, outputs={"deletionProtection": True}), f"{CLUSTER} one: deletionProtection"),
        (resource(INSTANCE, inputs={"deletionProtection": True}), f"{INSTANCE} one: deletionProtection"),
        (resource(BALANCER, outputs={"enableDeletionProtection": True}), f"{BALANCER} one: enableDeletionProtection"),
        (
            resource(INSTANCE, protect=True, outputs={"deletionProtection": True}),
            f"{INSTANCE} one: protect, deletionProtection",
        ),
        (resource(INSTANCE, protect=True, external=True), f"{INSTANCE} one: protect"),
    ],
)
def test_refuses_a_protected_resource(found: dict[str, Any], by: str) -> None:
    with pytest.raises(OperationError) as refused:
        require_unprotected("prod", [resource("aws:s3/bucket:Bucket"), found])

    assert str(refused.value).splitlines() == [
        "nothing was deleted; 1 resource is protected:",
        f"  {by}",
        "first turn the protection off in the settings and run `up` of prod: see docs/on-aws.md, `Take it down`",
    ]


def test_lists_every_protected_resource() -> None:
    with pytest.raises(OperationError, match="3 resources are protected") as refused:
        require_unprotected("prod", [resource(f"a:b:{name}", protect=True) for name in ("C", "D", "E")])

    assert str(refused.value).splitlines()[1:4] == [f"  a:b:{name} one: protect" for name in ("C", "D", "E")]


@pytest.mark.parametrize(
    "found",
    [
        resource(INSTANCE),
        resource(INSTANCE, protect=False, outputs={"deletionProtection": False}),
        # The last refresh found it turned off.
        resource(INSTANCE, inputs={"deletionProtection": True}, outputs={"deletionProtection": False}),
        # AWS is not asked to delete these.
        resource(INSTANCE, external=True, outputs={"deletionProtection": True}),
        resource(INSTANCE, retainOnDelete=True, outputs={"deletionProtection": True}),
        resource(INSTANCE, inputs=None, outputs=None),
    ],
)
def test_accepts_an_unprotected_resource(found: dict[str, Any]) -> None:
    require_unprotected("prod", [found])


class Things(Provider):
    """Records the deletions."""

    name = "random"
    version = "4.0.0"

    def __init__(self) -> None:
        self.deleted: list[str] = []
        self.protect = True

    def check(self, target: Target, old: Properties, new: Properties) -> Properties:
        return new

    def diff(self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties) -> Change:
        return Change()

    def create(self, target: Target, inputs: Properties, *, preview: bool) -> tuple[str, Properties]:
        return target.name, inputs

    def read(
        self, target: Target, id_: str, inputs: Properties, outputs: Properties
    ) -> tuple[str, Properties, Properties] | None:
        return id_, inputs, outputs

    def update(
        self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties, *, preview: bool
    ) -> Properties:
        return new

    def delete(self, target: Target, id_: str, inputs: Properties, outputs: Properties) -> None:
        self.deleted.append(target.name)


@pytest.fixture
def things() -> Things:
    return Things()


@pytest.fixture
def stack(tmp_path: Path, things: Things) -> Iterator[OnEngine]:
    """Return a deployed stack in which only the first resource to be created is protected."""

    def program() -> None:
        kept = pulumi.ResourceOptions(protect=things.protect)
        first = pulumi.CustomResource("random:index:Thing", "first", {}, kept)
        pulumi.CustomResource("random:index:Thing", "second", {}, pulumi.ResourceOptions(depends_on=first))

    deployed = OnEngine(tmp_path / "engine", [things], program)
    deployed.up()
    yield deployed
    deployed.close()


def test_deletes_nothing_of_a_protected_stack(stack: OnEngine, things: Things) -> None:
    """The engine itself deletes the resources that depend on a protected one, and then fails."""
    progress = Progress(each_resource=False)
    with pytest.raises(OperationError, match="1 resource is protected:\n  random:index:Thing first: protect"):
        operations.destroy(stack.stack, progress, stack.resources())
    assert things.deleted == []

    things.protect = False
    stack.up()
    operations.destroy(stack.stack, progress, stack.resources()).require_success()
    assert things.deleted == ["second", "first"]
