"""Whether changed inputs update or replace an object."""

from typing import Any

import pytest

from localcloud.kubernetes.difference import compare
from localcloud.protocol.servicer import Change
from localcloud.protocol.values import UNKNOWN

NEVER: frozenset[str] = frozenset()


def made(kind: str, api_version: str = "v1", **fields: Any) -> dict[str, Any]:
    metadata = {"name": "a", "namespace": "b", **fields.pop("metadata", {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def change(old: dict[str, Any], new: dict[str, Any], mutable_kinds: frozenset[str] = NEVER) -> Change:
    return compare(old, {}, new, mutable_kinds=mutable_kinds)


API_VERSIONS = {
    **dict.fromkeys(["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"], "apps/v1"),
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "IngressClass": "networking.k8s.io/v1",
    "Job": "batch/v1",
    "PodDisruptionBudget": "policy/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
    "StorageClass": "storage.k8s.io/v1",
}


def test_equal_inputs_are_no_change() -> None:
    """The outputs are not compared."""
    one = made("Deployment", "apps/v1", spec={"replicas": 1})

    assert compare(one, {"spec": {"replicas": 5}}, one, mutable_kinds=NEVER).changed == []


@pytest.mark.parametrize(
    ("kind", "old", "new", "changed", "replaces"),
    [
        ("Deployment", {"selector": {"a": "1"}}, {"selector": {"a": "2"}}, "spec.selector.a", True),
        ("Deployment", {"template": {"a": 1}}, {"template": {"a": 2}}, "spec.template.a", False),
        ("DaemonSet", {"selector": {}}, {"selector": {"a": "2"}}, "spec.selector.a", True),
        ("StatefulSet", {"serviceName": "a"}, {"serviceName": "b"}, "spec.serviceName", True),
        ("StatefulSet", {"replicas": 1}, {"replicas": 2}, "spec.replicas", False),
        ("Job", {"template": {"image": "1"}}, {"template": {"image": "2"}}, "spec.template.image", True),
        ("Job", {"template": {"image": "1"}}, {"template": {"image": UNKNOWN}}, "spec.template.image", True),
        ("Job", {"ttlSecondsAfterFinished": 1}, {"ttlSecondsAfterFinished": 2}, "spec.ttlSecondsAfterFinished", False),
        ("PersistentVolumeClaim", {"volumeName": "a"}, {"volumeName": "b"}, "spec.volumeName", True),
        ("PersistentVolumeClaim", {"resources": {"a": "1"}}, {"resources": {"a": "2"}}, "spec.resources.a", False),
        ("Pod", {"containers": [{"image": "a"}]}, {"containers": [{"image": "b"}]}, "spec.containers[0].image", True),
        ("Pod", {"containers": [{"name": "a"}]}, {"containers": UNKNOWN}, "spec.containers", True),
        ("Pod", {"containers": [{"name": "a"}]}, {"containers": [{"name": "b"}]}, "spec.containers[0].name", False),
        ("ReplicaSet", {"selector": {"a": "1"}}, {"selector": {"a": "2"}}, "spec.selector.a", False),
        ("Service", {"clusterIP": "10.96.0.2"}, {"clusterIP": "10.96.0.3"}, "spec.clusterIP", True),
        ("Service", {"selector": {"a": "1"}}, {"selector": {"a": "2"}}, "spec.selector.a", False),
        ("Service", {"type": "ClusterIP"}, {"type": "LoadBalancer"}, "spec.type", False),
        ("PodDisruptionBudget", {"minAvailable": 1}, {"minAvailable": 2}, "spec.minAvailable", False),
        ("HorizontalPodAutoscaler", {"maxReplicas": 1}, {"maxReplicas": 2}, "spec.maxReplicas", False),
    ],
)
def test_replaces_for_immutable_properties_only(
    kind: str, old: dict[str, Any], new: dict[str, Any], changed: str, replaces: bool
) -> None:
    """Other properties are updated."""
    api_version = API_VERSIONS.get(kind, "v1")
    found = change(made(kind, api_version, spec=old), made(kind, api_version, spec=new))

    assert found.changed == [changed]
    assert found.replaces == ([changed] if replaces else [])


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ({"a": [1, 2]}, {"a": [1, 3, 4]}, {"a[1]": "UPDATE", "a[2]": "ADD"}),
        ({"a": [{"b": 1}, 2]}, {"a": [{}]}, {"a[0].b": "DELETE", "a[1]": "DELETE"}),
        ({"a": {"b": 1}}, {"a": [1]}, {"a": "UPDATE"}),
        ({"a": {"b.c/d": 1, 'e"': 1}}, {"a": {}}, {'a["b.c/d"]': "DELETE", 'a["e\\""]': "DELETE"}),
        ({"a": 1}, {"a": True}, {"a": "UPDATE"}),
        ({"a": {"b": 1, "c": 2}}, {"a": UNKNOWN}, {"a.b": "DELETE", "a.c": "DELETE"}),
        ({"a": [1]}, {"a": UNKNOWN}, {"a": "UPDATE"}),
        ({}, {"a": UNKNOWN}, {"a": "ADD"}),
    ],
)
def test_names_each_property_that_differs(old: dict[str, Any], new: dict[str, Any], kinds: dict[str, str]) -> None:
    """A difference has the path of the property; lists are compared by position."""
    assert change(made("Ship", "dock/v1", **old), made("Ship", "dock/v1", **new)).kinds == kinds


@pytest.mark.parametrize(
    ("api_version", "kind", "path"),
    [
        ("networking.k8s.io/v1", "IngressClass", ("spec", "controller")),
        ("scheduling.k8s.io/v1", "PriorityClass", ("value",)),
    ],
)
def test_updates_fields_that_only_the_api_server_knows_as_immutable(
    api_version: str, kind: str, path: tuple[str, ...]
) -> None:
    """The real provider does not know these fields either."""
    old, new = ({path[0]: {path[1]: value} if path[1:] else value} for value in (1, 2))

    assert change(made(kind, api_version, **old), made(kind, api_version, **new)).replaces == []


def test_an_object_without_metadata_is_replaced() -> None:
    """It is replaced because it has no name; the difference is a deletion."""
    found = compare({"kind": "X", "metadata": {"name": "a"}}, {}, {"kind": "X"}, mutable_kinds=NEVER)

    assert (found.kinds, found.replaces) == ({"metadata": "DELETE"}, ["metadata"])


@pytest.mark.parametrize("key", ["name", "namespace"])
def test_another_name_is_another_object(key: str) -> None:
    """Both can exist at the same time, so the new one is created first."""
    found = change(made("Service"), made("Service", metadata={key: "c"}))

    assert found.replaces == [f"metadata.{key}"]
    assert not found.delete_before_replace


def test_another_version_is_the_same_object() -> None:
    """Versions such as autoscaling/v1 and v2 are views of the same object."""
    assert change(made("X", "a/v1"), made("X", "a/v2")).replaces == []


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_data_is_replaced_unless_the_provider_says_it_is_mutable(kind: str) -> None:
    """This equals the real provider, so that pods see either all changes or none."""
    old, new = made(kind, data={"a": "MQ=="}), made(kind, data={"a": "Mg=="})

    assert change(old, new).replaces == ["data.a"]
    assert change(old, new, frozenset({kind})).replaces == []
    assert change({**old, "immutable": True}, {**new, "immutable": True}, frozenset({kind})).replaces == ["data.a"]


def test_string_data_and_data_of_the_same_content_are_equal() -> None:
    """A change has the property that the program used."""
    old = made("Secret", data={"a": "eA==", "b": "eA=="})

    assert change(old, made("Secret", stringData={"a": "x"}, data={"b": "eA=="})).changed == []
    assert change(old, made("Secret", stringData={"a": "y"}, data={"b": "eQ=="})).changed == ["stringData.a", "data.b"]


def test_an_object_with_a_chosen_name_is_deleted_before_its_replacement() -> None:
    """Two objects with the same name cannot exist; with an automatic name the new one gets another name."""
    automatic = {"annotations": {"pulumi.com/autonamed": "true"}}
    old, new = {"spec": {"clusterIP": "1"}}, {"spec": {"clusterIP": "2"}}

    assert change(made("Service", **old), made("Service", **new)).delete_before_replace
    assert not change(
        made("Service", metadata=automatic, **old), made("Service", metadata=automatic, **new)
    ).delete_before_replace
