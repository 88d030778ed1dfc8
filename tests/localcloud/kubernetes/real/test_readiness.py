"""Answers of both providers to Read, as in a refresh, while an object is not ready."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from lightkube.resources.core_v1 import Node, Pod

from localcloud.protocol.values import Properties
from tests.localcloud.kubernetes.real.conftest import Pair
from tests.localcloud.kubernetes.real.test_failures import FAILED, failure
from tests.localcloud.kubernetes.stage import RUNNING, Stage
from tests.support.provider_wire import FailedError, Resource, Wire

DEPLOYMENT = Resource("kubernetes:apps/v1:Deployment")
SERVICE = Resource("kubernetes:core/v1:Service")
JOB = Resource("kubernetes:batch/v1:Job")
POD: Properties = {
    "containers": [{"name": "app", "image": "a"}],
    "nodeName": "machine",
    "tolerations": [{"operator": "Exists"}],
}
SKIPPED = {"pulumi.com/skipAwait": "true"}
UNREADY: Properties = deepcopy(RUNNING)
UNREADY["conditions"] = [{"type": "Ready", "status": "False"}, {"type": "ContainersReady", "status": "False"}]
UNREADY["containerStatuses"][0]["ready"] = False


@pytest.fixture(params=["stand_in", "real"])
def wire(pair: Pair, request: pytest.FixtureRequest) -> Wire:
    found: Wire = getattr(pair, request.param)
    return found


@pytest.fixture(autouse=True)
def node(stage: Stage) -> Iterator[None]:
    """Create a node without a kubelet: Endpoints list no pods of unknown nodes."""
    stage.user.create(Node.from_dict({"metadata": {"name": "machine"}}))
    yield
    stage.user.delete(Node, "machine")


class Owned:
    """An object of one provider."""

    def __init__(self, wire: Wire, stage: Stage, resource: Resource, spec: Properties, **annotations: str) -> None:
        _, version, kind = resource.type.split(":")
        given = {
            "apiVersion": version.removeprefix("core/"),
            "kind": kind,
            "metadata": {"name": "shop", "namespace": stage.namespace, "annotations": annotations},
            "spec": spec,
        }
        self.wire, self.resource, self.id = wire, resource, f"{stage.namespace}/shop"
        self.inputs = wire.check(resource, {}, given)
        self.outputs: Properties = {}

    def create(self) -> None:
        _, self.outputs = self.wire.create(self.resource, self.inputs)

    def read(self) -> tuple[Properties, Properties]:
        found = self.wire.read(self.resource, self.id, self.inputs, self.outputs)
        assert found is not None
        return found

    def imported(self) -> Any:
        return self.wire.read(self.resource, self.id, {}, {})

    def is_ready(self) -> bool:
        try:
            self.read()
        except FailedError as found:
            error = found
        else:
            return True
        assert error.id == self.id
        assert error.inputs == self.inputs
        assert error.outputs["metadata"]["name"] == "shop"
        return False


def deployment(wire: Wire, stage: Stage, **annotations: str) -> Owned:
    labels = {"app": "shop"}
    spec = {
        "replicas": 2,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": POD},
    }
    return Owned(wire, stage, DEPLOYMENT, spec, **annotations)


def with_address(status: Properties) -> Callable[[Properties], Properties]:
    """Return a status of pods with an IP address: Endpoints list no pods without one."""

    def of(pod: Properties) -> Properties:
        high, low = bytes.fromhex(pod["metadata"]["uid"][:4])
        address = f"10.1.{high}.{low}"
        return {**status, "podIP": address, "podIPs": [{"ip": address}]}

    return of


def addressed(stage: Stage) -> list[str]:
    return [pod.metadata.name for pod in stage.user.list(Pod, namespace=stage.namespace) if pod.status.podIP]


def test_reports_a_deployment_whose_pods_are_no_longer_ready(wire: Wire, stage: Stage) -> None:
    """Both return the error with inputs and outputs. An import accepts the object as it is."""
    owned = deployment(wire, stage)
    with stage.pods_become(lambda _pod: RUNNING):
        owned.create()
    assert owned.read()[0] == owned.inputs
    pod = next(iter(stage.user.list(Pod, namespace=stage.namespace))).metadata.name

    stage.patch(Pod.Status, pod, {"status": UNREADY})

    stage.eventually(lambda: not owned.is_ready())
    assert owned.imported() is not None
    stage.patch(Pod.Status, pod, {"status": RUNNING})
    stage.eventually(owned.is_ready)


@pytest.mark.parametrize(("kind", "status"), [("ClusterIP", UNREADY), ("LoadBalancer", RUNNING)])
def test_reports_a_service_without_ready_pods_or_without_an_address(
    wire: Wire, stage: Stage, kind: str, status: Properties
) -> None:
    """Create waits for the same conditions until its timeout."""
    spec = {"type": kind, "ports": [{"port": 80}], "selector": {"app": "shop"}}
    service = Owned(wire, stage, SERVICE, spec, **{"pulumi.com/timeoutSeconds": "3"})
    with stage.pods_become(with_address(status)):
        deployment(wire, stage, **SKIPPED).create()
        stage.eventually(lambda: len(addressed(stage)) == 2)

        made = failure(service.create)

        assert made.id == service.id
        service.outputs = made.outputs
        assert not service.is_ready()


def test_reports_a_failed_job(wire: Wire, stage: Stage) -> None:
    job = Owned(wire, stage, JOB, {"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never", **POD}}})
    with stage.pods_become(lambda _pod: FAILED):
        job.outputs = failure(job.create).outputs

    assert "BackoffLimitExceeded" in str(failure(job.read))
    assert not job.is_ready()


def test_does_not_check_an_object_that_is_not_awaited(wire: Wire, stage: Stage) -> None:
    owned = deployment(wire, stage, **SKIPPED)
    owned.create()

    assert owned.read()[0] == owned.inputs
