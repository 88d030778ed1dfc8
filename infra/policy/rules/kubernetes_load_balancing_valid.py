"""Rule: the load balancer controller of EKS Auto Mode accepts the annotations of every Service and Ingress.

Anchors: none.

The API server accepts any annotation, and the controller refuses it minutes later. The tables with their sources are in
`localcloud/kubernetes/load_balancer.py` and `localcloud/kubernetes/ingress.py`. The engine does not call the provider,
which checks the same, before the cluster exists.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.policy.rules.kubernetes_object_valid import as_sent
from infra.resources.properties import Unknown, at
from infra.resources.resource import Resource
from localcloud.kubernetes import ingress, load_balancer

SERVICE = "kubernetes:core/v1:Service"
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"


def check(resource: Resource) -> Iterator[str]:
    """Yield each annotation that is refused, with the accepted values."""
    find = load_balancer.problems if resource.type == SERVICE else ingress.problems
    metadata, annotations = (at(resource.properties, path) for path in ("metadata", "metadata.annotations"))
    wrong = isinstance(annotations, str | float | list) or not isinstance(metadata, dict | Unknown)
    # The rule about valid objects reports values of the wrong type.
    if not wrong and isinstance(at(resource.properties, "spec"), dict | Unknown):
        yield from find(as_sent(resource.properties))


RULE = resource_rule(
    name="kubernetes-load-balancing-valid",
    severity=Severity.HIGH,
    description="EKS Auto Mode must accept the annotations of every Service and Ingress.",
    remedy="set the annotation to an accepted value",
    types=(SERVICE, INGRESS),
    check=check,
)
