"""Rule: no plain-text secrets in ConfigMaps, environment variables or user data, where every reader can see them.

Anchors: AWS-0029, CKV_AWS_41, CKV_AWS_45, CKV_AWS_46, CKV_K8S_35, kube-linter env-var-secret, CIS-EKS 4.4.1.
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.policy.secret_shapes import secret_setting, secret_value
from infra.resources.properties import document, items, mapping
from infra.resources.resource import Properties, Resource
from infra.resources.workloads import WORKLOAD_TYPES, containers, label, pod_spec

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
FUNCTION = "aws:lambda/function:Function"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
INSTANCES = (
    "aws:ec2/instance:Instance",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/launchTemplate:LaunchTemplate",
)


def check(resource: Resource) -> Iterator[str]:
    """Yield secrets, recognized by their name or their form; a finding never contains the value."""
    properties = resource.properties
    if resource.type == CONFIG_MAP:
        yield from _in_mapping("data", properties.get("data"))
        binary = mapping(properties.get("binaryData"))
        yield from _in_mapping("binaryData", {key: _decoded(value) for key, value in binary.items()})
    elif resource.type == FUNCTION:
        yield from _in_mapping("environment.variables", mapping(properties.get("environment")).get("variables"))
    elif resource.type in INSTANCES:
        if secret_value(_user_data(properties)):
            yield "userData holds a secret"
    elif resource.type == TASK:
        for container in items(document(properties.get("containerDefinitions"))):
            yield from _in_container(mapping(container), "environment")
    else:
        for container in containers(pod_spec(resource)):
            yield from _in_container(container, "env")


def _in_container(container: Properties, variables: str) -> Iterator[str]:
    entries = [mapping(each) for each in items(container.get(variables))]
    given = {str(each.get("name", "?")): each.get("value") for each in entries}
    yield from _in_mapping(f"{label(container)}, variable", given)
    for key in ("command", "args"):
        if any(secret_value(each) for each in items(container.get(key)) if isinstance(each, str)):
            yield f"{label(container)}: {key} holds a secret"


def _in_mapping(where: str, values: Any) -> Iterator[str]:
    for name, value in mapping(values).items():
        if isinstance(value, str) and secret_setting(name, value):
            yield f"{where} {name} is a secret in plain text"


def _user_data(properties: Properties) -> str:
    """Return the user data (start script), decoded if it is base64."""
    plain = properties.get("userData")
    text = plain if isinstance(plain, str) else ""
    return text + _decoded(properties.get("userDataBase64") or plain)


def _decoded(value: Any) -> str:
    """Return the text of a base64 value, which may have line breaks; empty if it is none."""
    if not isinstance(value, str):
        return ""
    try:
        return base64.b64decode("".join(value.split()), validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return ""


RULE = resource_rule(
    name="no-literal-secret",
    severity=Severity.CRITICAL,
    description="Variables, ConfigMaps and start scripts must not contain secrets in plain text.",
    remedy="put it into Secrets Manager, and name it in service.secrets of the stack: pods mount it as a file",
    types=[CONFIG_MAP, FUNCTION, TASK, *INSTANCES, *WORKLOAD_TYPES],
    check=check,
)
