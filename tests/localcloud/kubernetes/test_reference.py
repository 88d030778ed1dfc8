"""How objects are named."""

import pytest

from localcloud.cloud import Cloud
from localcloud.kubernetes.reference import CLUSTER_SCOPED, is_namespaced, reference_of
from tests.localcloud.kubernetes.stage import discovered


@pytest.mark.parametrize(("namespace", "id_"), [({"namespace": "shop"}, "shop/a"), ({}, "a")])
def test_the_id_is_the_one_of_the_kubernetes_provider(namespace: dict[str, str], id_: str) -> None:
    """namespace/name, or the name alone."""
    found = reference_of({"apiVersion": "v1", "kind": "X", "metadata": {"name": "a", **namespace}})

    assert found.id == id_
    assert str(found) == f"X {id_}"


def test_it_is_known_which_kinds_have_no_namespace(cloud: Cloud) -> None:
    """As the API server itself tells of every kind that can be made; previews have to know it without one."""
    kinds = discovered(cloud)

    assert {kind: namespaced for kind, namespaced in kinds.items() if is_namespaced(kind) != namespaced} == {}
    assert len(kinds.keys() & CLUSTER_SCOPED) > 15
