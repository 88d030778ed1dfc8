"""References to objects: ids and namespaces."""

import pytest

from localcloud.cloud import Cloud
from localcloud.kubernetes.reference import CLUSTER_SCOPED, is_namespaced, reference_of
from tests.localcloud.kubernetes.stage import discovered


@pytest.mark.parametrize(("namespace", "id_"), [({"namespace": "shop"}, "shop/a"), ({}, "a")])
def test_the_id_has_the_form_of_the_kubernetes_provider(namespace: dict[str, str], id_: str) -> None:
    """It is namespace/name, or the name only."""
    found = reference_of({"apiVersion": "v1", "kind": "X", "metadata": {"name": "a", **namespace}})

    assert found.id == id_
    assert str(found) == f"X {id_}"


def test_knows_the_kinds_without_a_namespace(cloud: Cloud) -> None:
    """The list equals that of the real API server for every kind that can be created; previews need it without one."""
    kinds = discovered(cloud)

    assert {kind: namespaced for kind, namespaced in kinds.items() if is_namespaced(kind) != namespaced} == {}
    assert len(kinds.keys() & CLUSTER_SCOPED) > 15
