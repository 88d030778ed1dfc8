"""The pods that an object would make."""

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
def test_a_pod_is_of_the_template(kind: str, spec: dict[str, Any]) -> None:
    """Under a name that the API server completes."""
    assert pod_of({"kind": kind, "metadata": {"name": "x", "namespace": "n"}, "spec": spec}) == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"labels": {"a": "b"}, "namespace": "n", "generateName": "x-"},
        "spec": {"containers": []},
    }


@pytest.mark.parametrize("kind", ["ConfigMap", "Pod"])
def test_other_kinds_make_none(kind: str) -> None:
    """Nothing to admit."""
    assert pod_of({"kind": kind, "metadata": {"name": "x"}, "spec": {}}) is None
