"""The number of pods of a deployment, which its autoscaler may decide."""

from collections.abc import Sequence

from infra.resources.properties import UNKNOWN, at
from infra.resources.resource import Properties, Resource

AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"


def autoscalers(resources: Sequence[Resource]) -> list[Properties]:
    """Return the properties of all autoscalers."""
    return [each.properties for each in resources if each.type == AUTOSCALER]


def scalers_of(deployment: Properties, scalers: Sequence[Properties]) -> list[Properties]:
    """Return the autoscalers of a deployment."""
    names = at(deployment, "metadata.namespace"), at(deployment, "metadata.name")
    return [each for each in scalers if _target(each) == names]


def may_be_scaled(deployment: Properties, scalers: Sequence[Properties]) -> bool:
    """Return whether one of the autoscalers may be for a deployment, because a name is unknown."""
    names = at(deployment, "metadata.namespace"), at(deployment, "metadata.name")
    return any(UNKNOWN in (*_target(each), *names) for each in scalers)


def fewest_pods(deployment: Properties, scalers: Sequence[Properties]) -> object:
    """Return the lowest number of pods as it is set: a number, None if it is not set, which means 1, or UNKNOWN.

    Args:
        deployment: the deployment.
        scalers: its autoscalers.
    """
    return at(scalers[0], "spec.minReplicas") if scalers else at(deployment, "spec.replicas")


def _target(scaler: Properties) -> tuple[object, object]:
    return at(scaler, "metadata.namespace"), at(scaler, "spec.scaleTargetRef.name")
