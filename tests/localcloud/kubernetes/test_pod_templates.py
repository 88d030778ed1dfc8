"""The pods that an object would create."""

from typing import Any

import pytest

from localcloud.kubernetes.pod_templates import pod_of

TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": []}}


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Deployment", {"template": TEMPLATE}),
        ("Job", {"template": TEMPLATE}),
        ("CronJob", {"jobTemplate": {"spec": {"template": TEMPLATE}}}),
    ],
)
def test_returns_a_pod_from_the_template(kind: str, spec: dict[str, Any]) -> None:
    """The API server completes its generated name."""
    assert pod_of({"kind": kind, "metadata": {"name": "x", "namespace": "n"}, "spec": spec}) == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"labels": {"a": "b"}, "namespace": "n", "generateName": "x-"},
        "spec": {"containers": []},
    }


@pytest.mark.parametrize("kind", ["ConfigMap", "Pod"])
def test_other_kinds_create_no_pods(kind: str) -> None:
    """There is nothing to validate for them."""
    assert pod_of({"kind": kind, "metadata": {"name": "x"}, "spec": {}}) is None
