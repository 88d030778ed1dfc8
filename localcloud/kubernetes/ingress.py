"""Checks an Ingress for annotations that the load balancer controller of EKS Auto Mode does not support or rejects.

https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-alb.html, "Ingress annotations". Other annotations, and
Ingresses of other controllers, are not checked.
"""

from collections.abc import Iterator, Mapping

from localcloud.kubernetes import ingress_values
from localcloud.kubernetes.reference import Manifest
from localcloud.protocol.values import UNKNOWN, is_unknown

PREFIX = "alb.ingress.kubernetes.io/"
CLASS = "kubernetes.io/ingress.class"
UNSUPPORTED: Mapping[str, str] = {
    "group.name": "set group.name in the IngressClassParams of its class",
    "waf-acl-id": "use WAF v2",
    "web-acl-id": "use WAF v2",
    "shield-advanced-protection": "leave it out",
}
"""Annotation without its prefix -> what to do instead."""


def problems(ingress: Manifest) -> Iterator[str]:
    """Yield the problems of an Ingress for an Application Load Balancer, one sentence each.

    Values that are unknown during a preview are accepted.
    """
    metadata = ingress.get("metadata")
    annotations = {} if is_unknown(metadata) or not isinstance(metadata, dict) else metadata.get("annotations") or {}
    if annotations == UNKNOWN:
        return
    for key, value in annotations.items():
        instead = UNSUPPORTED.get(key.removeprefix(PREFIX)) if key.startswith(PREFIX) else None
        if key == CLASS and value == "alb":
            instead = "set spec.ingressClassName"
        if key == f"{PREFIX}auth-type" and value == "oidc":
            instead = "authenticate in the service"
        if instead:
            yield f"annotation {key} is not supported by EKS Auto Mode; {instead}"
    ours = {
        key.removeprefix(PREFIX): str(value)
        for key, value in annotations.items()
        if key.startswith(PREFIX) and not is_unknown(value)
    }
    yield from ingress_values.problems(ours, PREFIX)
