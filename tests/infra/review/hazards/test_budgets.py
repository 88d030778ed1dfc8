"""PodDisruptionBudgets that protect less."""

from typing import Any

import pytest

from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource
from infra.review.hazards.budgets import weakened_budgets
from tests.infra.reach.wiring import made

BUDGET, DEPLOYMENT = "kubernetes:policy/v1:PodDisruptionBudget", "kubernetes:apps/v1:Deployment"
SCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
GONE = "no disruption budget limits evictions of its pods any more"
MORE = "its disruption budget permits more evictions at a time"


def budget(name: str = "budget", app: str = "api", namespace: Any = "api", **spec: Any) -> Resource:
    """Return a budget for the pods of an app."""
    selector = {"matchLabels": {"app": app}}
    return made(BUDGET, name, {"metadata": {"namespace": namespace}, "spec": {"selector": selector, **spec}})


def pods(replicas: Any = 3, app: str = "api", name: str = "server", namespace: str = "api") -> Resource:
    """Return a Deployment."""
    template = {"metadata": {"labels": {"app": app}}}
    metadata = {"namespace": namespace, "name": name}
    return made(DEPLOYMENT, name, {"metadata": metadata, "spec": {"replicas": replicas, "template": template}})


def scaler(fewest: int) -> Resource:
    """Return the autoscaler of the Deployment."""
    target = {"scaleTargetRef": {"name": "server"}, "minReplicas": fewest}
    return made(SCALER, "scaler", {"metadata": {"namespace": "api"}, "spec": target})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([budget(minAvailable=2), pods()], [pods()], [GONE]),
        ([budget(minAvailable=2), pods()], [], []),
        ([budget(minAvailable=2), pods()], [pods(app="other")], []),
        ([budget(minAvailable=2), pods()], [budget("renamed", minAvailable=2), pods()], []),
        ([budget(minAvailable=2), pods()], [budget("renamed", minAvailable=1), pods()], [MORE]),
        ([budget(minAvailable=2), pods()], [budget("other", app="other", minAvailable=2), pods()], [GONE]),
        ([budget(minAvailable=2), pods()], [budget("other", namespace="other", minAvailable=2), pods()], [GONE]),
        ([budget(minAvailable=2), pods()], [budget("other", namespace=UNKNOWN, minAvailable=2), pods()], []),
        ([budget(minAvailable=2), pods()], [budget(minAvailable=1), pods()], [MORE]),
        ([budget(minAvailable=1), pods()], [budget(minAvailable=2), pods()], []),
        ([budget(minAvailable=2), pods()], [budget(minAvailable=UNKNOWN), pods()], []),
        ([budget(minAvailable=2), pods(3)], [budget(minAvailable=1), pods(2)], []),
        ([budget(minAvailable=1), pods(2)], [budget(minAvailable=1), pods(3)], []),
        ([budget(minAvailable=2), pods(UNKNOWN)], [budget(minAvailable=1), pods(UNKNOWN)], [MORE]),
        ([budget(minAvailable=2), pods(None), scaler(3)], [budget(minAvailable=1), pods(None), scaler(2)], []),
        ([budget(minAvailable=2), pods(None), scaler(3)], [budget(minAvailable=1), pods(None), scaler(3)], [MORE]),
        ([budget(minAvailable="80%"), pods()], [budget(minAvailable="50%"), pods()], [MORE]),
        ([budget(minAvailable="50%"), pods()], [budget(minAvailable="80%"), pods()], []),
        ([budget(minAvailable="50%"), pods()], [budget(minAvailable=1), pods()], []),
        ([budget(minAvailable="50%"), pods()], [budget(minAvailable="2"), pods()], []),
        ([budget(minAvailable="2"), pods()], [budget(minAvailable="1"), pods()], [MORE]),
        ([budget(minAvailable="most"), pods()], [budget(minAvailable="1"), pods()], []),
        ([budget(minAvailable=2), pods(3)], [budget(minAvailable=1), pods(UNKNOWN)], [MORE]),
        ([budget(minAvailable=2), pods(UNKNOWN)], [budget(minAvailable=1), pods(2)], [MORE]),
        ([budget(minAvailable="80%"), pods(3)], [budget(minAvailable="50%"), pods(1)], [MORE]),
        ([budget(minAvailable="80%"), pods(100)], [budget(minAvailable="50%"), pods(1)], [MORE]),
        ([budget(minAvailable=2), pods()], [pods(), pods(name="second")], [GONE]),
        (
            [budget(minAvailable=2), pods()],
            [pods(), pods(name="other", namespace="more"), budget("b", namespace="more", minAvailable=2)],
            [GONE],
        ),
        ([budget(minAvailable=2), pods()], [budget("b", minAvailable=1), budget("c", minAvailable=1), pods()], [MORE]),
        ([budget(), pods()], [budget(minAvailable=1), pods()], []),
        ([budget(minAvailable=1), pods()], [budget(), pods()], []),
        ([budget(maxUnavailable=1), pods()], [budget(minAvailable=1), pods()], []),
        ([budget(minAvailable=2), pods()], [budget(maxUnavailable=2), pods()], []),
        ([budget(maxUnavailable=1), pods()], [budget(maxUnavailable=2), pods()], [MORE]),
        ([budget(minAvailable=2), pods()], [budget(minAvailable=1), budget("more", minAvailable=2), pods()], []),
        ([budget(minAvailable=2), pods()], [budget(minAvailable=2), pods(), pods(name="second")], []),
        (
            [budget(minAvailable=2), pods()],
            [pods(), pods(name="second", app="other"), budget("b", app="other")],
            [GONE],
        ),
        (
            [budget(minAvailable=2), pods(), pods(name="second")],
            [pods(), pods(name="second", namespace="more"), budget(minAvailable=2)],
            [],
        ),
        ([budget(maxUnavailable=2), pods()], [budget(maxUnavailable=1), pods()], []),
        ([budget(maxUnavailable=1), pods()], [budget(maxUnavailable="50%"), pods()], []),
    ],
)
def test_a_budget_that_protects_less_is_found(
    before: list[Resource], after: list[Resource], expected: list[str]
) -> None:
    """A budget goes without harm together with its pods; more pods alone are no weaker budget."""
    found = list(weakened_budgets(before, after))

    assert [text for _, text in found] == expected
    assert all(urn == budget().urn for urn, _ in found)
