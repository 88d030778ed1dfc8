"""Rule: a deployment has two pods or more, spread over nodes, and is updated without a gap.

Anchors: KSV-0034, kube-score deployment-replicas, kube-linter no-anti-affinity, minimum-replicas.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from infra.policy.rule import stack_rule
from infra.resources.properties import UNKNOWN, at, is_number, unset
from infra.resources.resource import Properties, Resource

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"


def check(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield deployments that one node, or one update, takes away."""
    scalers = [each.properties for each in resources if each.type == AUTOSCALER]
    for deployment in resources:
        if deployment.type == DEPLOYMENT:
            yield from ((deployment, finding) for finding in _findings(deployment, scalers))


def _findings(deployment: Resource, scalers: list[Properties]) -> Iterator[str]:
    given = deployment.properties
    own = [each for each in scalers if _scales(each, given)]
    unknown = [each for each in scalers if _may_scale(each, given)]
    if not unknown:
        yield from _replicas(given, own)
    if at(given, "spec.strategy.type") == "Recreate":
        yield "strategy.type is Recreate, so no pod runs during an update"
    template = at(given, "spec.template.spec")
    apart = at(template, "affinity.podAntiAffinity")
    if apart is None and unset(at(template, "topologySpreadConstraints")):
        yield "neither topologySpreadConstraints nor podAntiAffinity spreads its pods"


def _replicas(given: Properties, own: list[Properties]) -> Iterator[str]:
    fewest = at(own[0], "spec.minReplicas") if own else at(given, "spec.replicas")
    if fewest is None or (is_number(fewest) and fewest < 2):
        yield f"{'minReplicas of its autoscaler' if own else 'replicas'} is {fewest or 'not set, so 1'}"
    if own and at(given, "spec.replicas") not in (None, UNKNOWN):
        yield "replicas is set, which resets what the autoscaler has chosen"


def _scales(scaler: Properties, deployment: Properties) -> bool:
    """Return whether an autoscaler is for a deployment."""
    return _target(scaler) == (at(deployment, "metadata.namespace"), at(deployment, "metadata.name"))


def _may_scale(scaler: Properties, deployment: Properties) -> bool:
    """Return whether an autoscaler may be for a deployment, because a name is unknown."""
    names = (*_target(scaler), at(deployment, "metadata.namespace"), at(deployment, "metadata.name"))
    return UNKNOWN in names


def _target(scaler: Properties) -> tuple[object, object]:
    return at(scaler, "metadata.namespace"), at(scaler, "spec.scaleTargetRef.name")


RULE = stack_rule(
    name="kubernetes-deployment-available",
    severity=Severity.MEDIUM,
    description="A Deployment must have at least two pods on different nodes, and be updated without a gap.",
    remedy="set replicas or the autoscaler's minReplicas to 2 or more, and topologySpreadConstraints",
    check=check,
)
