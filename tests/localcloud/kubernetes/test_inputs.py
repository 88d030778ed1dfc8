"""Inputs that Check completes, and the manifest that is applied."""

import pytest

from localcloud.kubernetes.inputs import complete, inputs_of, manifest_of
from localcloud.protocol.servicer import ProviderError

MANAGED_BY = "app.kubernetes.io/managed-by"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"


def test_fills_in_kind_and_namespace() -> None:
    """core/v1 becomes v1; a chosen name is kept."""
    assert complete(CONFIG_MAP, "x", {}, {"metadata": {"name": "a"}, "data": {"b": None}}) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "default"},
        "data": {},
    }


@pytest.mark.parametrize(
    "type_",
    ["kubernetes:core/v1:Namespace", "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"],
)
def test_cluster_scoped_kinds_get_no_namespace(type_: str) -> None:
    """The API server would refuse it."""
    assert complete(type_, "x", {}, {"metadata": {"name": "a"}})["metadata"] == {"name": "a"}


def test_generates_a_name_and_keeps_it() -> None:
    """It begins with the logical name; without an old state, as in a replacement, it is a new one."""
    first = complete(CONFIG_MAP, "settings", {}, {})
    second = complete(CONFIG_MAP, "settings", first, {"metadata": {"labels": {"a": "b"}}})
    third = complete(CONFIG_MAP, "settings", {}, {})

    names = [one["metadata"]["name"] for one in (first, second, third)]
    assert names[0] == names[1] != names[2]
    assert names[0].startswith("settings-")
    assert len(names[0]) == len("settings-") + 8


def test_removing_a_chosen_name_does_not_generate_one() -> None:
    """The object has to be replaced, for which the engine calls Check again without the old inputs."""
    chosen = complete(CONFIG_MAP, "settings", {}, {"metadata": {"name": "a"}})

    assert "name" not in complete(CONFIG_MAP, "settings", chosen, {})["metadata"]


@pytest.mark.parametrize("labels", [{}, {MANAGED_BY: "helm"}, {"app": "shop"}])
def test_keeps_the_label_of_pulumi(labels: dict[str, str]) -> None:
    """As in the real provider, it is kept if the object has it."""
    old = {"metadata": {"name": "a", "labels": {MANAGED_BY: "pulumi"}}}
    new = {"metadata": {"name": "a", "labels": labels}}

    assert complete(CONFIG_MAP, "x", old, new)["metadata"]["labels"] == {**labels, MANAGED_BY: "pulumi"}
    assert complete(CONFIG_MAP, "x", {}, new)["metadata"].get("labels") == labels


@pytest.mark.parametrize(
    "type_",
    ["kubernetes:helm.sh/v3:Release", "kubernetes:yaml/v2:ConfigGroup", "aws:s3:Bucket"],
)
def test_rejects_types_that_are_not_objects(type_: str) -> None:
    """The message names the type and the alternative."""
    with pytest.raises(ProviderError, match=f"{type_} has no stand-in in the local cloud; declare the Kubernetes"):
        complete(type_, "x", {}, {})


def test_rejects_a_patch_resource() -> None:
    """A patch shares an object with another manager."""
    with pytest.raises(ProviderError, match=r"ConfigMapPatch has no stand-in .* declare the whole ConfigMap"):
        complete("kubernetes:core/v1:ConfigMapPatch", "x", {}, {"kind": "ConfigMap", "metadata": {"name": "a"}})


def test_string_data_is_applied_as_data_and_read_back() -> None:
    """The conversion of stringData to data is reversed when the object is read."""
    inputs = {"kind": "Secret", "stringData": {"a": "x"}, "data": {"b": "eQ=="}}

    assert manifest_of(inputs) == {"kind": "Secret", "data": {"a": "eA==", "b": "eQ=="}}
    assert inputs_of(manifest_of(inputs), inputs) == inputs


def test_other_kinds_are_applied_as_they_are() -> None:
    """stringData is special in a Secret only."""
    inputs = {"kind": "Ship", "stringData": {"a": "x"}}

    assert manifest_of(inputs) is inputs
    assert inputs_of(inputs, inputs) is inputs
