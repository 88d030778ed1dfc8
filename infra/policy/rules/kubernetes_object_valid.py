"""Rule: the API server of Kubernetes accepts every object.

Anchors: none; the API server itself refuses the object, but only in a deployment.

A plan cannot ask the API server before the cluster exists: the engine does not call the provider's Check then, because
the kubeconfig is unknown.
"""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource
from localcloud.kubernetes import validation
from localcloud.kubernetes.validation.schemas import kinds
from localcloud.protocol import values

PACKAGE = "kubernetes:"
REMOVED = tuple(
    f"{PACKAGE}{version}:{kind}"
    for version, kind in (
        ("apps/v1beta1", "Deployment"),
        ("apps/v1beta2", "Deployment"),
        ("autoscaling/v2beta1", "HorizontalPodAutoscaler"),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler"),
        ("batch/v1beta1", "CronJob"),
        ("extensions/v1beta1", "Deployment"),
        ("extensions/v1beta1", "Ingress"),
        ("extensions/v1beta1", "NetworkPolicy"),
        ("networking.k8s.io/v1beta1", "Ingress"),
        ("policy/v1beta1", "PodDisruptionBudget"),
        ("rbac.authorization.k8s.io/v1beta1", "Role"),
        ("rbac.authorization.k8s.io/v1beta1", "RoleBinding"),
    )
)
"""Types of the SDK that Kubernetes no longer serves: https://kubernetes.io/docs/reference/using-api/deprecation-guide/"""
TYPES = (
    *(f"{PACKAGE}{version if '/' in version else f'core/{version}'}:{kind}" for version, kind in kinds()),
    *REMOVED,
)


def check(resource: Resource) -> Iterator[str]:
    """Yield the refusal of the API server."""
    version, _, kind = resource.type.removeprefix(PACKAGE).rpartition(":")
    manifest = {"apiVersion": version.removeprefix("core/"), "kind": kind}
    refusal = validation.refusal({**as_sent(resource.properties), **manifest})
    if refusal:
        yield refusal


def as_sent(value: Any) -> Any:
    """Return a value as a provider gets it: without properties that are null, and with integers."""
    if isinstance(value, dict):
        return {key: as_sent(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [as_sent(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return values.UNKNOWN if value is UNKNOWN else value


RULE = resource_rule(
    name="kubernetes-object-valid",
    severity=Severity.HIGH,
    description="The API server must accept every Kubernetes object.",
    remedy="set the property to a value that the message describes",
    types=TYPES,
    check=check,
)
