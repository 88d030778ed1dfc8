"""Update or replace."""

from typing import Any

import pytest

from localcloud.kubernetes.difference import compare
from localcloud.providers.servicer import Change
from localcloud.providers.values import UNKNOWN

NEVER: frozenset[str] = frozenset()


def made(kind: str, api_version: str = "v1", **fields: Any) -> dict[str, Any]:
    metadata = {"name": "a", "namespace": "b", **fields.pop("metadata", {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def change(old: dict[str, Any], new: dict[str, Any], mutable_kinds: frozenset[str] = NEVER) -> Change:
    return compare(old, {}, new, mutable_kinds=mutable_kinds)


def test_the_same_inputs_are_no_change() -> None:
    """Whatever the outputs say."""
    one = made("Deployment", spec={"replicas": 1})

    assert compare(one, {"spec": {"replicas": 5}}, one, mutable_kinds=NEVER).changed == []


@pytest.mark.parametrize(
    ("kind", "old", "new", "replaces"),
    [
        ("Deployment", {"selector": {"matchLabels": {"a": "1"}}}, {"selector": {"matchLabels": {"a": "2"}}}, True),
        ("Deployment", {"template": {"a": 1}}, {"template": {"a": 2}}, False),
        ("DaemonSet", {"selector": {}}, {"selector": {"matchLabels": {"a": "2"}}}, True),
        ("StatefulSet", {"serviceName": "a"}, {"serviceName": "b"}, True),
        ("StatefulSet", {"replicas": 1}, {"replicas": 2}, False),
        ("Job", {"template": {"image": "1"}}, {"template": {"image": "2"}}, True),
        ("Job", {"template": {"image": "1"}}, {"template": {"image": UNKNOWN}}, True),
        ("Job", {"ttlSecondsAfterFinished": 1}, {"ttlSecondsAfterFinished": 2}, False),
        ("PersistentVolumeClaim", {"storageClassName": "a"}, {"storageClassName": "b"}, True),
        ("Service", {"clusterIP": "10.96.0.2"}, {"clusterIP": "10.96.0.3"}, True),
        ("Service", {"selector": {"a": "1"}}, {"selector": {"a": "2"}}, False),
        ("Service", {"type": "ClusterIP"}, {"type": "LoadBalancer"}, False),
        ("PodDisruptionBudget", {"minAvailable": 1}, {"minAvailable": 2}, False),
        ("HorizontalPodAutoscaler", {"maxReplicas": 1}, {"maxReplicas": 2}, False),
    ],
)
def test_replaces_what_cannot_be_changed(kind: str, old: dict[str, Any], new: dict[str, Any], replaces: bool) -> None:
    """And updates the rest."""
    found = change(made(kind, spec=old), made(kind, spec=new))

    assert found.changed == ["spec"]
    assert found.replaces == (["spec"] if replaces else [])


@pytest.mark.parametrize("key", ["name", "namespace"])
def test_another_name_is_another_object(key: str) -> None:
    """Both can exist at once, so the new one comes first."""
    found = change(made("Service"), made("Service", metadata={key: "c"}))

    assert found.replaces == ["metadata"]
    assert not found.delete_before_replace


def test_another_group_is_another_object_and_another_version_is_not() -> None:
    """autoscaling/v1 and v2 are views of one object."""
    assert change(made("X", "a/v1"), made("X", "b/v1")).replaces == ["apiVersion"]
    assert change(made("X", "a/v1"), made("X", "a/v2")).replaces == []


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_data_is_replaced_unless_the_provider_says_it_is_mutable(kind: str) -> None:
    """As the kubernetes provider does, so that pods see all of it change or nothing."""
    old, new = made(kind, data={"a": "MQ=="}), made(kind, data={"a": "Mg=="})

    assert change(old, new).replaces == ["data"]
    assert change(old, new, frozenset({kind})).replaces == []
    assert change({**old, "immutable": True}, {**new, "immutable": True}, frozenset({kind})).replaces == ["data"]


def test_string_data_and_data_of_the_same_content_are_equal() -> None:
    """And a change is shown under the property that the program wrote."""
    old = made("Secret", data={"a": "eA=="})

    assert change(old, made("Secret", stringData={"a": "x"})).changed == []
    assert change(old, made("Secret", stringData={"a": "y"})).changed == ["stringData"]


def test_a_chosen_name_is_freed_first_and_an_automatic_one_need_not_be() -> None:
    """Two objects of one name cannot exist."""
    automatic = {"annotations": {"pulumi.com/autonamed": "true"}}
    old, new = {"spec": {"clusterIP": "1"}}, {"spec": {"clusterIP": "2"}}

    assert change(made("Service", **old), made("Service", **new)).delete_before_replace
    assert not change(
        made("Service", metadata=automatic, **old), made("Service", metadata=automatic, **new)
    ).delete_before_replace
