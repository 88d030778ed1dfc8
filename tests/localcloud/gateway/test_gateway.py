"""Services of type LoadBalancer. Real: the control plane, pods and connections."""

import http.client
import socket
import threading
from collections import Counter
from contextlib import closing
from typing import Any

from localcloud.gateway.gateway import FINALIZER
from tests.support.node import NodeStage, eventually, fetch
from tests.support.ports import free_ports


def deployment(stage: NodeStage, version: str) -> dict[str, Any]:
    container = {
        "name": "app",
        "image": stage.images[version],
        "env": [{"name": "HOST", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}],
        "ports": [{"name": "http", "containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 1, "failureThreshold": 1},
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


def service(port: int) -> dict[str, Any]:
    return {
        "metadata": {"name": "web"},
        "spec": {
            "type": "LoadBalancer",
            "loadBalancerClass": "eks.amazonaws.com/nlb",
            "selector": {"app": "web"},
            "ports": [{"name": "http", "port": port, "targetPort": "http"}],
        },
    }


def ingress(stage: NodeStage, path: str) -> Any:
    return stage.call("GET", path)["status"].get("loadBalancer", {}).get("ingress")


class Load(threading.Thread):
    """Sends up to 50 requests per second, each on a new connection or all on one kept alive."""

    def __init__(self, address: str, port: int, *, keep_alive: bool) -> None:
        super().__init__(daemon=True)
        self.answers: Counter[str] = Counter()
        self.stop = threading.Event()
        self._target = (address, port)
        self._keep_alive = keep_alive

    def run(self) -> None:
        connection = http.client.HTTPConnection(*self._target, timeout=5)
        while not self.stop.wait(0.02):
            try:
                connection.request("GET", "/")
                self.answers[connection.getresponse().read().decode()] += 1
            except (OSError, http.client.HTTPException) as error:
                self.answers[f"failed: {error!r}"] += 1
                connection.close()
            if not self._keep_alive:
                connection.close()


def test_rolls_out_without_a_failed_request(stage: NodeStage) -> None:
    """A new image replaces the old one under load; the old or the new one answers every request."""
    namespace = stage.namespace("rollout")
    port = free_ports("web")["web"]
    deployments = "/apis/apps/v1/namespaces/rollout/deployments"
    stage.create(deployments, deployment(stage, "one"))
    stage.create(f"{namespace}/services", service(port))
    (entry,) = eventually(lambda: ingress(stage, f"{namespace}/services/web"))
    eventually(lambda: stage.call("GET", f"{deployments}/web")["status"].get("readyReplicas") == 2)
    eventually(lambda: fetch(f"http://{entry['ip']}:{port}/") == "one")
    loads = [Load(entry["ip"], port, keep_alive=kept) for kept in (False, True)]
    for load in loads:
        load.start()

    patch = {"spec": {"template": deployment(stage, "two")["spec"]["template"]}}
    stage.call("PATCH", f"{deployments}/web", patch, "application/strategic-merge-patch+json")

    def rolled_out() -> bool:
        found = stage.call("GET", f"{deployments}/web")
        done: bool = found["status"].get("observedGeneration") == found["metadata"]["generation"] and (
            found["status"].get("updatedReplicas") == found["status"].get("replicas") == 2
        )
        return done and len(stage.call("GET", f"{namespace}/pods")["items"]) == 2

    eventually(rolled_out)
    for load in loads:
        load.stop.set()
        load.join()

    for load in loads:
        assert set(load.answers) == {"one", "two"}, load.answers
        assert load.answers.total() > 50


def test_reports_a_port_in_use_and_uses_it_once_it_is_free(stage: NodeStage) -> None:
    """An event has the problem and the remedy; once the port is free, the Service gets its address."""
    namespace = stage.namespace("taken")
    with closing(socket.create_server((f"127.{stage.octet}.255.254", 0))) as holder:
        port = holder.getsockname()[1]
        stage.create(f"{namespace}/services", service(port))

        event = eventually(
            lambda: next(
                (item for item in stage.call("GET", f"{namespace}/events")["items"] if item["reason"] == "PortInUse"),
                None,
            )
        )
        assert f"port {port}" in event["message"]
        assert "give the Service a free port" in event["message"]
        assert not ingress(stage, f"{namespace}/services/web")
        (condition,) = stage.call("GET", f"{namespace}/services/web")["status"]["conditions"]
        assert (condition["type"], condition["status"]) == ("LoadBalancerReady", "False")

    eventually(lambda: ingress(stage, f"{namespace}/services/web"))


def test_a_service_that_eks_refuses_gets_no_address(stage: NodeStage) -> None:
    """A condition has the reason, as on EKS. It gets an address after a correction, and loses it after a mistake."""
    path = f"{stage.namespace('refused')}/services"
    scheme = "service.beta.kubernetes.io/aws-load-balancer-scheme"

    def annotate(value: str) -> None:
        patch = {"metadata": {"annotations": {scheme: value}}}
        stage.call("PATCH", f"{path}/web", patch, "application/merge-patch+json")

    def condition() -> Any:
        found = stage.call("GET", f"{path}/web")["status"].get("conditions") or [{}]
        return (found[0].get("status"), found[0].get("reason"))

    wrong = service(free_ports("web")["web"])
    wrong["metadata"]["annotations"] = {scheme: "public"}
    stage.create(path, wrong)
    eventually(lambda: condition() == ("False", "FailedBuildModel"))
    assert not ingress(stage, f"{path}/web")

    annotate("internal")
    eventually(lambda: ingress(stage, f"{path}/web"))

    annotate("public")
    eventually(lambda: condition() == ("False", "FailedBuildModel"))
    eventually(lambda: not ingress(stage, f"{path}/web"))


def test_closes_the_port_before_the_service_is_deleted(stage: NodeStage) -> None:
    """A finalizer keeps the Service until its port is closed."""
    namespace = stage.namespace("goes")
    port = free_ports("web")["web"]
    stage.create(f"{namespace}/services", service(port))
    (entry,) = eventually(lambda: ingress(stage, f"{namespace}/services/web"))
    assert FINALIZER in stage.call("GET", f"{namespace}/services/web")["metadata"]["finalizers"]

    stage.call("DELETE", f"{namespace}/services/web")
    eventually(lambda: stage.call("GET", f"{namespace}/services/web") is None)

    with socket.socket() as probe:
        assert probe.connect_ex((entry["ip"], port)) != 0
