"""Rule: a server has two pods or more, spread over nodes, and is updated without a gap.

Anchors: KSV-0034, kube-score deployment-replicas, kube-linter no-anti-affinity, minimum-three-replicas.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from infra.policy.pod_counts import autoscalers, fewest_pods, may_be_scaled, scalers_of
from infra.policy.rule import stack_rule
from infra.resources.properties import UNKNOWN, at, is_number, unset
from infra.resources.resource import Properties, Resource
from infra.resources.workloads import containers, pod_spec

DEPLOYMENT = "kubernetes:apps/v1:Deployment"


def check(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield Deployments of servers with fewer than two replicas, without spreading, or with the strategy Recreate."""
    scalers = autoscalers(resources)
    for deployment in resources:
        if deployment.type == DEPLOYMENT and _serves(deployment):
            yield from ((deployment, finding) for finding in _findings(deployment, scalers))


def _serves(deployment: Resource) -> bool:
    """Return whether a Deployment is a server: a container has a port, unlike that of a queue consumer."""
    return any(not unset(each.get("ports")) for each in containers(pod_spec(deployment)))


def _findings(deployment: Resource, scalers: list[Properties]) -> Iterator[str]:
    given = deployment.properties
    if not may_be_scaled(given, scalers):
        yield from _replicas(given, scalers_of(given, scalers))
    if at(given, "spec.strategy.type") == "Recreate":
        yield "strategy.type is Recreate, so no pod runs during an update"
    template = at(given, "spec.template.spec")
    apart = at(template, "affinity.podAntiAffinity")
    if apart is None and unset(at(template, "topologySpreadConstraints")):
        yield "neither topologySpreadConstraints nor podAntiAffinity spreads its pods"


def _replicas(given: Properties, own: list[Properties]) -> Iterator[str]:
    fewest = fewest_pods(given, own)
    if fewest is None or (is_number(fewest) and fewest < 2):
        value = "not set, so 1" if fewest is None else f"{fewest:g}"
        yield f"{'minReplicas of its autoscaler' if own else 'replicas'} is {value}"
    if own and at(given, "spec.replicas") not in (None, UNKNOWN):
        yield "replicas is set, so each deployment overrides the number that the autoscaler has set"


RULE = stack_rule(
    name="kubernetes-deployment-available",
    severity=Severity.MEDIUM,
    description="A server must have at least two pods on different nodes, and be updated without a gap.",
    remedy="set replicas or the autoscaler's minReplicas to 2 or more, and topologySpreadConstraints",
    check=check,
)
