"""Reports Deployments that have fewer available pods than they or their autoscalers ask for."""

from collections.abc import Iterable
from typing import Any

from localcloud.cloud import Cloud
from localcloud.kubernetes.reader import reader


def unavailable(cloud: Cloud) -> list[str]:
    """Return a description of each Deployment in the cluster that is scaling or whose pods are not available."""
    with reader(cloud) as client:
        deployments, autoscalers = (
            client.get(path).raise_for_status().json()["items"]
            for path in ("/apis/apps/v1/deployments", "/apis/autoscaling/v2/horizontalpodautoscalers")
        )
    return described(deployments, autoscalers)


def described(deployments: Iterable[dict[str, Any]], autoscalers: Iterable[dict[str, Any]]) -> list[str]:
    """Return `Deployment NAMESPACE/NAME: N of M pods available` for each Deployment with N below M.

    M is the larger one of the Deployment's `replicas` and its autoscaler's `minReplicas`: right after its creation, a
    Deployment has one pod until the autoscaler acts.
    """
    fewest = {
        (each["metadata"]["namespace"], each["spec"]["scaleTargetRef"]["name"]): each["spec"].get("minReplicas", 1)
        for each in autoscalers
        if each["spec"]["scaleTargetRef"]["kind"] == "Deployment"
    }
    found = []
    for each in deployments:
        namespace, name = each["metadata"]["namespace"], each["metadata"]["name"]
        wanted = max(each["spec"].get("replicas", 1), fewest.get((namespace, name), 0))
        available = each.get("status", {}).get("availableReplicas", 0)
        if available < wanted:
            found.append(f"Deployment {namespace}/{name}: {available} of {wanted} pods available")
    return found
