"""Pods behind a load balancer of the local account with a TargetGroupBinding. Real: the control plane and pods."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.load_balancer import Account, Load, forward
from tests.support.node import NodeStage, eventually, fetch
from tests.support.ports import free_ports

GATE = "target-health.eks.amazonaws.com/web"
MERGE = "application/strategic-merge-patch+json"


def deployment(stage: NodeStage, version: str) -> dict[str, Any]:
    container = {
        "name": "app",
        "image": stage.images[version],
        "env": [{"name": "HOST", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}],
        "ports": [{"name": "http", "containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 1, "failureThreshold": 1},
        "lifecycle": {"preStop": {"sleep": {"seconds": 1}}},
    }
    return {
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"terminationGracePeriodSeconds": 10, "containers": [container]},
            },
        },
    }


class Bound:
    """A namespace with a Deployment bound to a target group of a load balancer."""

    def __init__(self, stage: NodeStage, account: Account, name: str, **target_group: Any) -> None:
        self.stage, self.account, self.name = stage, account, name
        self.group = account.target_group(name, **target_group)
        self.balancer = account.load_balancer(name)
        self.port = free_ports("web")["web"]
        self.listener = account.listener(self.balancer, self.port, forward(self.group))
        stage.create(
            "/api/v1/namespaces",
            {"metadata": {"name": name, "labels": {"eks.amazonaws.com/pod-readiness-gate-inject": "enabled"}}},
        )
        self.core, self.apps = f"/api/v1/namespaces/{name}", f"/apis/apps/v1/namespaces/{name}/deployments"
        self.bindings = f"/apis/eks.amazonaws.com/v1/namespaces/{name}/targetgroupbindings"
        ports = [{"name": "http", "port": 80, "targetPort": "http"}]
        stage.create(
            f"{self.core}/services",
            {"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": ports}},
        )
        spec = {"targetGroupARN": self.group, "targetType": "ip", "serviceRef": {"name": "web", "port": 80}}
        stage.create(
            self.bindings,
            {
                "apiVersion": "eks.amazonaws.com/v1",
                "kind": "TargetGroupBinding",
                "metadata": {"name": "web"},
                "spec": spec,
            },
        )

    def deploy(self, version: str) -> None:
        self.stage.create(self.apps, deployment(self.stage, version))

    @property
    def address(self) -> str:
        return f"127.{self.stage.octet}.255.254"

    def pods(self) -> list[Any]:
        return list(self.stage.call("GET", f"{self.core}/pods")["items"])

    def rolled_out(self, replicas: int = 2) -> bool:
        found = self.stage.call("GET", f"{self.apps}/web")
        status = found["status"]
        return (
            status.get("observedGeneration") == found["metadata"]["generation"]
            and status.get("updatedReplicas") == status.get("readyReplicas") == status.get("replicas") == replicas
            and len(self.pods()) == replicas
        )

    def remove(self) -> None:
        for path in (f"{self.apps}/web", f"{self.bindings}/web", self.core):
            self.stage.call("DELETE", path)
        eventually(lambda: self.stage.call("GET", f"{self.bindings}/web") is None)
        elb = self.account.client("elbv2")
        elb.delete_load_balancer(LoadBalancerArn=self.balancer)
        elb.delete_target_group(TargetGroupArn=self.group)


@pytest.fixture
def bound(stage: NodeStage, account: Account) -> Iterator[Bound]:
    made = Bound(stage, account, "rollout")
    yield made
    made.remove()


def test_a_rollout_a_scale_in_and_a_deletion_lose_no_request(bound: Bound) -> None:
    """The load is 50 requests per second, on one connection and on many."""
    stage = bound.stage
    bound.deploy("one")
    eventually(bound.rolled_out)
    addresses = {pod["status"]["podIP"] for pod in bound.pods()}
    assert bound.account.health(bound.group) == dict.fromkeys(addresses, "healthy")
    assert all({"conditionType": GATE} in pod["spec"]["readinessGates"] for pod in bound.pods())
    eventually(lambda: fetch(f"http://{bound.address}:{bound.port}/") == "one")
    loads = [Load(bound.address, bound.port, keep_alive=kept) for kept in (False, True)]
    for load in loads:
        load.start()

    stage.call(
        "PATCH", f"{bound.apps}/web", {"spec": {"template": deployment(stage, "two")["spec"]["template"]}}, MERGE
    )
    eventually(bound.rolled_out)
    victim = bound.pods()[0]["metadata"]["name"]
    stage.call("DELETE", f"{bound.core}/pods/{victim}")
    eventually(lambda: victim not in {pod["metadata"]["name"] for pod in bound.pods()})
    eventually(bound.rolled_out)
    stage.call("PATCH", f"{bound.apps}/web", {"spec": {"replicas": 1}}, MERGE)
    eventually(lambda: bound.rolled_out(1))

    for load in loads:
        answers = load.finish()
        assert set(answers) == {"one", "two"}, answers
        assert answers.total() > 50
    (last,) = bound.pods()
    states = bound.account.health(bound.group)
    assert states.pop(last["status"]["podIP"]) == "healthy"
    assert set(states.values()) <= {"draining"}
    eventually(lambda: set(bound.account.health(bound.group)) == {last["status"]["podIP"]}, 15)


def test_a_rollout_is_held_while_targets_are_unhealthy(stage: NodeStage, account: Account) -> None:
    """Pods pass their probes but not the load balancer's checks: old pods stay until the checks pass."""
    bound = Bound(stage, account, "held")
    bound.deploy("one")
    eventually(bound.rolled_out)
    before = {pod["metadata"]["name"] for pod in bound.pods()}
    elb = account.client("elbv2")
    elb.modify_target_group(TargetGroupArn=bound.group, Matcher={"HttpCode": "418"})

    stage.call(
        "PATCH", f"{bound.apps}/web", {"spec": {"template": deployment(stage, "two")["spec"]["template"]}}, MERGE
    )

    def new_pod() -> Any:
        return next((pod for pod in bound.pods() if pod["metadata"]["name"] not in before), None)

    def conditions() -> dict[str, tuple[str, str]]:
        found = (new_pod() or {}).get("status", {}).get("conditions") or []
        return {each["type"]: (each["status"], each.get("reason") or "") for each in found}

    eventually(lambda: conditions().get(GATE) == ("False", "Target.ResponseCodeMismatch"))
    assert conditions()["ContainersReady"] == ("True", "")
    assert conditions()["Ready"] == ("False", "ReadinessGatesNotReady")
    assert before < {pod["metadata"]["name"] for pod in bound.pods()}
    assert account.health(bound.group)[new_pod()["status"]["podIP"]] == "unhealthy"

    elb.modify_target_group(TargetGroupArn=bound.group, Matcher={"HttpCode": "200"})
    eventually(bound.rolled_out)
    assert not before & {pod["metadata"]["name"] for pod in bound.pods()}
    bound.remove()


def test_refuses_a_target_group_without_the_tag_of_the_cluster(stage: NodeStage, account: Account) -> None:
    """As with the managed policy of Auto Mode; an event of the binding names the tag to set."""
    bound = Bound(stage, account, "untagged", cluster="")

    def event() -> Any:
        found = stage.call("GET", f"{bound.core}/events")["items"]
        return next((each for each in found if each["involvedObject"]["kind"] == "TargetGroupBinding"), None)

    bound.deploy("one")
    found = eventually(event)
    assert "the tag eks:eks-cluster-name is missing" in found["message"]
    assert "set it to the cluster's name (web)" in found["message"]
    assert account.health(bound.group) == {}

    elb = account.client("elbv2")
    elb.add_tags(ResourceArns=[bound.group], Tags=[{"Key": "eks:eks-cluster-name", "Value": "web"}])
    eventually(bound.rolled_out)
    bound.remove()
