"""kubernetes-namespace-restricted."""

from typing import Any

import pytest

from infra.policy.rules.namespace_restricted import LABEL, RULE
from tests.infra.policy.compliant import DEPLOYMENT, NAMESPACE
from tests.infra.policy.judge import ABSENT, violations


def test_accepts_a_restricted_namespace_and_a_workload_in_it() -> None:
    """Neither the namespace nor the workload is a violation."""
    assert violations(RULE, NAMESPACE, DEPLOYMENT) == []


@pytest.mark.parametrize(
    ("labels", "found"),
    [({LABEL: "baseline"}, "is baseline"), ({LABEL: "privileged"}, "is privileged"), ({}, "is not set")],
)
def test_rejects_a_namespace_of_a_lower_level(labels: dict[str, str], found: str) -> None:
    """Without the label, every pod is admitted."""
    [message] = violations(RULE, NAMESPACE.but("metadata.labels", labels))

    assert f"label {LABEL} {found}" in message


@pytest.mark.parametrize("value", ["default", ABSENT])
def test_rejects_a_workload_in_default(value: Any) -> None:
    """A workload without a namespace is created in `default`."""
    [message] = violations(RULE, DEPLOYMENT.but("metadata.namespace", value))

    assert "namespace default" in message
