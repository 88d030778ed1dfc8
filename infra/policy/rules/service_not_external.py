"""Rule: a service opens no port of the nodes and takes no foreign address.

Anchors: KSV-0108, CVE-2020-8554, kube-linter exposed-services.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import at, items
from infra.resources.resource import Resource


def check(service: Resource) -> Iterator[str]:
    """Yield a finding for a Service of type NodePort, or with external IP addresses."""
    spec = service.properties.get("spec")
    if at(spec, "type") == "NodePort":
        yield "spec.type is NodePort"
    if items(at(spec, "externalIPs")):
        yield "spec.externalIPs is set, by which it can receive the traffic of others"


RULE = resource_rule(
    name="kubernetes-service-not-external",
    severity=Severity.HIGH,
    description="A Service must neither open a port of the nodes nor claim external addresses.",
    remedy="set type to ClusterIP, and let a load balancer reach the pods",
    types=["kubernetes:core/v1:Service"],
    check=check,
)
