"""Rule: nodes and instances have no public address, and nobody logs in by SSH.

Anchors: CIS-EKS 5.4.3, CKV_AWS_88, CKV_AWS_100, EC2.9, EC2.25.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, at, items, unset
from infra.resources.resource import Properties, Resource


def check(resource: Resource) -> Iterator[str]:
    """Yield public addresses and SSH keys."""
    for path, is_wrong, finding in FORBIDDEN[resource.type]:
        if any(map(is_wrong, _values(resource.properties, path))):
            yield f"{path.replace('[].', '.')} {finding}"


def _values(given: Properties, path: str) -> list[object]:
    """Return the value at a path; the values of all items if the path has `[]`."""
    outer, several, inner = path.partition("[].")
    return [at(each, inner) for each in items(at(given, outer))] if several else [at(given, path)]


def _on(value: object) -> bool:
    return value in (True, "true")


def _given(key: object) -> bool:
    return key is not UNKNOWN and not unset(key)


_ADDRESS = ("associatePublicIpAddress", _on, "is true")
_KEY = ("keyName", _given, "is set")
FORBIDDEN: Mapping[str, Sequence[tuple[str, Callable[[object], bool], str]]] = {
    "aws:eks/nodeGroup:NodeGroup": [("remoteAccess.ec2SshKey", _given, "is set")],
    "aws:ec2/instance:Instance": [_KEY, _ADDRESS],
    "aws:ec2/launchConfiguration:LaunchConfiguration": [_KEY, _ADDRESS],
    "aws:ec2/launchTemplate:LaunchTemplate": [
        _KEY,
        ("networkInterfaces[].associatePublicIpAddress", _on, "is true"),
    ],
    "kubernetes:eks.amazonaws.com/v1:NodeClass": [
        ("spec.advancedNetworking.associatePublicIPAddress", _on, "is true"),
    ],
}
"""Type -> path of a property, what is wrong, and the finding."""

RULE = resource_rule(
    name="aws-nodes-private",
    severity=Severity.HIGH,
    description="Nodes must have neither a public address nor an SSH key.",
    remedy="leave the address and the key out, and log in through Session Manager",
    types=list(FORBIDDEN),
    check=check,
)
