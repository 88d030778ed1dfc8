"""kubernetes-object-valid."""

from typing import Any

import pytest

from infra.policy.rules.kubernetes_object_valid import RULE, TYPES
from tests.infra.policy.compliant import DEPLOYMENT
from tests.infra.policy.judge import ABSENT, Given, violations
from tests.localcloud.aws.test_preview import without_ids
from tests.localcloud.providers.test_unknown_values import with_one_unknown
from tests.support.stacks import whole_stack

STACKS = ("local", "dev", "staging", "prod")


def kubernetes(stack: str) -> list[Given]:
    """Return the Kubernetes objects of a stack."""
    return [
        Given(type=each.type, properties=without_ids(each.inputs), name=each.name)
        for each in whole_stack(stack).resources.values()
        if each.type.startswith("kubernetes:")
    ]


@pytest.mark.parametrize("stack", STACKS)
def test_accepts_every_stack(stack: str) -> None:
    """The rule knows every type of them."""
    objects = kubernetes(stack)

    assert len(objects) > 10
    assert {each.type for each in objects} <= set(TYPES)
    assert violations(RULE, *objects) == []


def test_accepts_any_unknown_value_of_a_stack() -> None:
    """A preview does not know it, and it may turn out to be valid."""
    for each in {given.type: given for given in kubernetes("prod")}.values():
        for key, value in each.properties.items():
            for unknown in with_one_unknown(value):
                assert violations(RULE, each.but(key, unknown)) == [], (key, unknown)


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("spec.template.spec.restartPolicy", "Never", "spec.template.spec.restartPolicy: Unsupported value"),
        ("spec.selector.matchLabels.app", "web", "spec.template.metadata.labels: Invalid value"),
        ("spec.replicas", 1.5, "spec.replicas: expected integer, got number 1.5"),
        ("spec.selector", ABSENT, "spec.selector: Required value"),
        ("spec.replica", 2.0, "spec.replica: field not declared in schema"),
    ],
)
def test_rejects_what_the_api_server_refuses(path: str, value: Any, found: str) -> None:
    """The message names the property and the reason of the API server."""
    given = DEPLOYMENT.but("spec.selector", ABSENT) if value is ABSENT else DEPLOYMENT.but(path, value)
    [message] = violations(RULE, given)

    assert f'Deployment.apps "api" is invalid: {found}' in message


def test_rejects_a_version_that_is_no_longer_served() -> None:
    """The SDK still has its types."""
    [message] = violations(RULE, Given(type="kubernetes:policy/v1beta1:PodDisruptionBudget", properties={}))

    assert 'no matches for kind "PodDisruptionBudget" in version "policy/v1beta1"' in message


@pytest.mark.parametrize("path", ["spec.paused", "spec.template.spec.nodeName", "spec.template.metadata.labels.team"])
def test_accepts_a_property_that_is_null(path: str) -> None:
    """A provider does not send it."""
    assert violations(RULE, DEPLOYMENT.but(path, None)) == []
