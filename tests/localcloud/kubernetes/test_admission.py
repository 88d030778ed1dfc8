"""The real API server refuses evictions beyond a disruption budget and pods beyond a quota, as on EKS."""

import pytest
from lightkube import ApiError
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import Deployment, ReplicaSet
from lightkube.resources.core_v1 import Pod
from lightkube.resources.policy_v1 import PodDisruptionBudget

from tests.localcloud.kubernetes.stage import RUNNING, Stage

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
WEB = """
metadata: {name: web, annotations: {pulumi.com/skipAwait: "true"}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: web}]}
"""
BUDGET = "{metadata: {name: web}, spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}}"


def test_an_eviction_is_refused_until_the_disruption_budget_allows_it(stage: Stage) -> None:
    """The eviction, as by `kubectl drain`, gets 429 until the budget allows a disruption."""
    stage.create("kubernetes:policy/v1:PodDisruptionBudget", BUDGET)
    stage.create(DEPLOYMENT, WEB)

    def budget() -> int | None:
        found = stage.user.get(PodDisruptionBudget, "web", namespace=stage.namespace).status
        return found.disruptionsAllowed if found and found.currentHealthy == 2 else None

    def pods() -> list[str]:
        return [str(pod.metadata.name) for pod in stage.user.list(Pod, namespace=stage.namespace) if pod.metadata]

    def evict(name: str) -> None:
        eviction = Pod.Eviction(metadata=ObjectMeta(name=name, namespace=stage.namespace))
        stage.user.create(eviction, name, namespace=stage.namespace)

    with stage.pods_become(lambda _pod: RUNNING):
        stage.eventually(lambda: budget() == 0)
        first = pods()[0]
        with pytest.raises(ApiError, match="disruption budget") as refused:
            evict(first)
        assert refused.value.status.code == 429

        stage.patch(PodDisruptionBudget, "web", {"spec": {"minAvailable": 1}})
        stage.eventually(lambda: budget() == 1)
        evict(first)


def test_pods_beyond_a_quota_are_refused(stage: Stage) -> None:
    """One pod is created and no second; a condition of the ReplicaSet has the reason."""
    stage.create("kubernetes:core/v1:ResourceQuota", "{metadata: {name: pods}, spec: {hard: {pods: '1'}}}")
    stage.create(DEPLOYMENT, WEB)

    def refusal() -> str:
        for each in stage.user.list(ReplicaSet, namespace=stage.namespace):
            for condition in (each.status.conditions or []) if each.status else []:
                return str(condition.message)
        return ""

    assert "exceeded quota: pods, requested: pods=1, used: pods=1, limited: pods=1" in stage.eventually(refusal)
    assert len(list(stage.user.list(Pod, namespace=stage.namespace))) == 1
    assert stage.user.get(Deployment, "web", namespace=stage.namespace)
