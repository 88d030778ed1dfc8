"""Which Deployments are reported as unavailable."""

from typing import Any

from localcloud.kubernetes.availability import described


def deployment(name: str, replicas: int | None, available: int | None) -> dict[str, Any]:
    return {
        "metadata": {"namespace": "app", "name": name},
        "spec": {} if replicas is None else {"replicas": replicas},
        "status": {} if available is None else {"availableReplicas": available},
    }


def autoscaler(kind: str, name: str, fewest: int, namespace: str = "app") -> dict[str, Any]:
    spec = {"scaleTargetRef": {"kind": kind, "name": name}, "minReplicas": fewest}
    return {"metadata": {"namespace": namespace, "name": "any"}, "spec": spec}


def test_reports_deployments_with_fewer_available_pods_than_replicas() -> None:
    deployments = [
        deployment("whole", 2, 2),
        deployment("starting", 2, None),
        deployment("partly", 3, 1),
        deployment("stopped", 0, None),
        deployment("one", None, 1),
        deployment("none", None, 0),
    ]

    assert described(deployments, []) == [
        "Deployment app/starting: 0 of 2 pods available",
        "Deployment app/partly: 1 of 3 pods available",
        "Deployment app/none: 0 of 1 pods available",
    ]


def test_uses_the_minimum_of_an_autoscaler_that_has_not_acted_yet() -> None:
    """Autoscalers for other objects or namespaces, or with smaller minimums, are ignored."""
    deployments = [deployment("api", 1, 1), deployment("web", 2, 2), deployment("worker", 1, 1)]
    autoscalers = [
        autoscaler("Deployment", "api", 3),
        autoscaler("Deployment", "web", 1),
        autoscaler("StatefulSet", "worker", 3),
        autoscaler("Deployment", "worker", 3, namespace="other"),
    ]

    assert described(deployments, autoscalers) == ["Deployment app/api: 1 of 3 pods available"]
