"""Rule: a deployment has a disruption budget that lets nodes be drained.

Anchors: kube-linter pdb-min-available, pdb-max-unavailable, kube-score deployment-has-poddisruptionbudget.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from infra.policy.pod_counts import autoscalers, fewest_pods, may_be_scaled, scalers_of
from infra.policy.rule import stack_rule
from infra.resources.properties import UNKNOWN, at, is_number, mapping
from infra.resources.resource import Properties, Resource

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"


def check(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield budgets that block the replacement of nodes, and deployments of several pods without a budget."""
    budgets = [each for each in resources if each.type == BUDGET]
    scalers = autoscalers(resources)
    for deployment in resources:
        wanted = deployment.type == DEPLOYMENT and _several(deployment.properties, scalers)
        if wanted and not any(_selects(each, deployment) for each in budgets):
            yield deployment, "no PodDisruptionBudget of this stack selects its pods"
    for budget in budgets:
        spec = budget.properties.get("spec")
        if at(spec, "maxUnavailable") in (0, "0", "0%") or at(spec, "minAvailable") == "100%":
            yield budget, "permits no eviction, so nodes with its pods cannot be drained"
        if at(spec, "unhealthyPodEvictionPolicy") not in ("AlwaysAllow", UNKNOWN):
            yield budget, "unhealthyPodEvictionPolicy is not AlwaysAllow, so pods that crash block the drain of a node"


def _several(deployment: Properties, scalers: Sequence[Properties]) -> bool:
    """Return whether there are always several pods; a budget for a single pod would block drains of its node."""
    if may_be_scaled(deployment, scalers):
        return False
    fewest = fewest_pods(deployment, scalers_of(deployment, scalers))
    return is_number(fewest) and fewest > 1


def _selects(budget: Resource, deployment: Resource) -> bool:
    wanted = at(budget.properties, "spec.selector.matchLabels")
    labels = at(deployment.properties, "spec.template.metadata.labels")
    if UNKNOWN in (wanted, labels):
        return True
    namespaces = {str(at(each.properties, "metadata.namespace")) for each in (budget, deployment)}
    same = len(namespaces) == 1 or str(UNKNOWN) in namespaces
    given = mapping(labels)
    pairs = [(value, given.get(key)) for key, value in mapping(wanted).items()]
    return same and all(UNKNOWN in pair or pair[0] == pair[1] for pair in pairs)


RULE = stack_rule(
    name="kubernetes-disruption-budget",
    severity=Severity.MEDIUM,
    description="A Deployment with several pods must have a disruption budget that permits an eviction.",
    remedy="add a PodDisruptionBudget with maxUnavailable 1 and unhealthyPodEvictionPolicy AlwaysAllow",
    check=check,
)
