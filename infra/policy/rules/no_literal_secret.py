"""Rule: no plain-text secrets in ConfigMaps, environment variables or user data, where every reader can see them.

Anchors: AWS-0029, CKV_AWS_46, CKV_K8S_35, kube-linter env-var-secret, CIS-EKS 4.4.1.
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.policy.secret_shapes import secret_name, secret_value
from infra.resources.properties import items, mapping
from infra.resources.resource import Resource
from infra.resources.workloads import WORKLOAD_TYPES, containers, label, pod_spec

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
INSTANCES = ("aws:ec2/launchTemplate:LaunchTemplate", "aws:ec2/instance:Instance")


def check(resource: Resource) -> Iterator[str]:
    """Yield secrets, recognized by their name or their form; a finding never contains the value."""
    if resource.type == CONFIG_MAP:
        yield from _in_mapping("data", resource.properties.get("data"))
    elif resource.type in INSTANCES:
        if secret_value(_user_data(resource.properties)):
            yield "userData holds a secret"
    else:
        for container in containers(pod_spec(resource)):
            variables = [mapping(each) for each in items(container.get("env"))]
            given = {str(each.get("name", "?")): each.get("value") for each in variables}
            yield from _in_mapping(f"{label(container)}, variable", given)


def _in_mapping(where: str, values: Any) -> Iterator[str]:
    for name, value in mapping(values).items():
        if isinstance(value, str) and value and (secret_name(name) or secret_value(value)):
            yield f"{where} {name} is a secret in the clear"


def _user_data(properties: dict[str, Any]) -> str:
    """Return the user data (start script), decoded if it is base64."""
    plain = properties.get("userData")
    coded = properties.get("userDataBase64") or plain
    text = plain if isinstance(plain, str) else ""
    if isinstance(coded, str):
        try:
            return text + base64.b64decode(coded, validate=True).decode(errors="replace")
        except (binascii.Error, ValueError):
            pass
    return text


RULE = resource_rule(
    name="no-literal-secret",
    severity=Severity.CRITICAL,
    description="Variables, ConfigMaps and start scripts must not contain secrets in plain text.",
    remedy="put it into Secrets Manager, and name it in service.secrets of the stack: pods mount it as a file",
    types=[CONFIG_MAP, *INSTANCES, *WORKLOAD_TYPES],
    check=check,
)
