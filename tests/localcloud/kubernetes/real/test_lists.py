"""Items of lists that another client adds, changes or removes, as both providers report them in a refresh."""

from typing import Any

import pytest
from lightkube import Client, KubeConfig
from lightkube.core.resource_registry import resource_registry
from lightkube.generic_resource import load_in_cluster_generic_resources
from lightkube.types import PatchType

from localcloud.cloud import Cloud
from tests.localcloud.kubernetes.real.conftest import Pair
from tests.localcloud.kubernetes.real.test_lives import Life, comparable

CONTAINER = "/spec/template/spec/containers/0"
LISTS = [
    ("workload-app-egress", "/spec/egress", {"ports": [{"port": 9999, "protocol": "TCP"}]}),
    ("workload-app-egress", "/spec/egress/0/ports", {"port": 9999, "protocol": "TCP"}),
    ("workload-deployment", f"{CONTAINER}/args", "more"),
    ("workload-deployment", f"{CONTAINER}/env", {"name": "MORE", "value": "1"}),
    ("workload-deployment", f"{CONTAINER}/ports", {"name": "more", "containerPort": 9999, "protocol": "TCP"}),
    ("workload-deployment", "/spec/template/spec/containers", {"name": "more", "image": "more"}),
    ("workload-service", "/spec/ports", {"name": "more", "port": 81, "targetPort": 81, "protocol": "TCP"}),
    ("nodes-on-demand", "/spec/template/spec/requirements", {"key": "more", "operator": "Exists"}),
]
"""Object, list, and the item that another client adds."""
KEYED = {f"{CONTAINER}/env", f"{CONTAINER}/ports", "/spec/template/spec/containers", "/spec/ports"}
"""Lists in which a key identifies an item, so that each field manager owns its own items."""
NEEDED = {"/spec/template/spec/containers", "/spec/ports"}
"""Lists whose only item the API server requires."""


def patch(cloud: Cloud, life: Life, operation: dict[str, Any]) -> None:
    """Change the object as `kubectl patch --type=json` does."""
    client = Client(config=KubeConfig.from_file(cloud.kubeconfig).get(), field_manager="kubectl")
    load_in_cluster_generic_resources(client)
    resource = resource_registry.load(life.inputs["apiVersion"], life.inputs["kind"])
    metadata = life.inputs["metadata"]
    names = {"namespace": metadata["namespace"]} if "namespace" in metadata else {}
    client.patch(resource, metadata["name"], [operation], patch_type=PatchType.JSON, **names)


def read_after(pair: Pair, cloud: Cloud, namespaces: dict[str, str], name: str, operation: dict[str, Any]) -> list[Any]:
    """Return the inputs before the operation, and those that both providers then read."""
    read: list[Any] = []
    for side, wire in (("stand_in", pair.stand_in), ("real", pair.real)):
        life = Life(wire, name, namespaces[side])
        life.create()
        patch(cloud, life, operation)
        found = life.read()
        read += [] if read else [comparable(life.inputs, life.namespace)]
        read.append(comparable(found, life.namespace))
        life.delete()
    return read


@pytest.mark.parametrize(("name", "path", "item"), LISTS, ids=lambda part: str(part)[:40])
def test_neither_reports_an_appended_item(
    pair: Pair, cloud: Cloud, namespaces: dict[str, str], name: str, path: str, item: Any
) -> None:
    """The providers compare the items of the program only."""
    before, ours, real = read_after(pair, cloud, namespaces, name, {"op": "add", "path": f"{path}/-", "value": item})

    assert ours == real == before


@pytest.mark.parametrize(("name", "path", "item"), LISTS, ids=lambda part: str(part)[:40])
def test_an_item_inserted_first(
    pair: Pair, cloud: Cloud, namespaces: dict[str, str], name: str, path: str, item: Any
) -> None:
    """The real provider compares by position. The stand-in does too, but not in lists whose items have keys."""
    before, ours, real = read_after(pair, cloud, namespaces, name, {"op": "add", "path": f"{path}/0", "value": item})

    assert real != before
    assert ours == (before if path in KEYED else real)


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, path, _ in LISTS if path not in NEEDED])
@pytest.mark.parametrize("index", [0, -1])
def test_both_report_a_removed_item(
    pair: Pair, cloud: Cloud, namespaces: dict[str, str], index: int, name: str, path: str
) -> None:
    given = Life(pair.stand_in, name, namespaces["stand_in"]).given
    items = given
    for part in path.strip("/").split("/"):
        items = items[int(part) if part.isdigit() else part]
    place = index % len(items)
    before, ours, real = read_after(pair, cloud, namespaces, name, {"op": "remove", "path": f"{path}/{place}"})

    assert ours == real != before
