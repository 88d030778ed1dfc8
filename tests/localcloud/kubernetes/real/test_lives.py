"""Every object of the program is previewed, created, read, updated, refreshed and deleted with both providers.

Each provider has its own namespace. Then one provider takes over objects of the other. Objects are not awaited.
"""

import json
import re
from typing import Any

import pytest
from lightkube import Client, KubeConfig
from lightkube.core.resource_registry import resource_registry
from lightkube.generic_resource import load_in_cluster_generic_resources
from lightkube.types import PatchType

from localcloud.cloud import Cloud
from localcloud.kubernetes.reference import is_namespaced
from localcloud.protocol.values import UNKNOWN, Properties
from tests.localcloud.kubernetes.real.changes import replaced
from tests.localcloud.kubernetes.real.conftest import PROGRAM, Pair
from tests.localcloud.kubernetes.stage import Stage
from tests.support.provider_wire import Resource, Wire
from tests.support.stacks import whole_stack

# Properties that differ between two objects with the same inputs, or between two reads of one object.
VOLATILE = {
    "__fieldManager",
    "clusterIP",
    "clusterIPs",
    "creationTimestamp",
    "deployment.kubernetes.io/revision",  # set by the controller, at any time after the creation
    "generation",
    "resourceVersion",
    "status",
    "uid",
}
RECORDS = {"managedFields"}
"""The field managers of the API server. The real provider stores them in the state, but nothing uses them."""
UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def given(name: str, namespace: str) -> tuple[Resource, Properties]:
    """Return an object of the stack `prod`, in a namespace and not awaited."""
    recorded = next(each for each in whole_stack("prod").resources.values() if each.name == name)
    # AWS's schemas refuse the recorded ids, such as Subnet:network-private-a.
    text = re.sub(r'"Subnet:[\w-]+-(\w)"', r'"subnet-0123456789abcdef\1"', json.dumps(dict(recorded.inputs)))
    inputs = json.loads(text)
    metadata = inputs["metadata"]
    if is_namespaced(inputs["kind"]):
        metadata["namespace"] = namespace
    else:
        metadata["name"] = f"{namespace}-more"
    metadata["annotations"] = {**metadata.get("annotations", {}), "pulumi.com/skipAwait": "true"}
    metadata["annotations"].pop("pulumi.com/replaceUnready", None)
    return Resource(recorded.type, name), inputs


def comparable(value: Any, namespace: str) -> Any:
    """Return the value without volatile properties, with the namespace replaced by `here`."""
    if isinstance(value, dict):
        return {key: comparable(item, namespace) for key, item in value.items() if key not in VOLATILE | RECORDS}
    if isinstance(value, list | tuple):
        return [comparable(item, namespace) for item in value]
    if isinstance(value, str) and value != UNKNOWN:
        return UID.sub("uid", value.replace(namespace, "here"))
    return value


class Life:
    """An object managed by a provider."""

    def __init__(self, wire: Wire, name: str, namespace: str) -> None:
        self.wire, self.namespace = wire, namespace
        self.resource, self.given = given(name, namespace)
        self.inputs = wire.check(self.resource, {}, self.given)
        self.id, self.outputs = "", {}

    def preview(self) -> Properties:
        return self.wire.create(self.resource, self.inputs, preview=True)[1]

    def create(self) -> tuple[str, Properties]:
        self.id, self.outputs = self.wire.create(self.resource, self.inputs)
        return self.id, self.outputs

    def read(self) -> Properties | None:
        found = self.wire.read(self.resource, self.id, self.inputs, self.outputs)
        if found is None:
            return None
        inputs, self.outputs = found
        return inputs

    def changed(self, value: str) -> Properties:
        metadata = self.given["metadata"]
        labels = {**metadata.get("labels", {}), "shape": value}
        return self.wire.check(self.resource, self.inputs, replaced(self.given, ("metadata", "labels"), labels))

    def update(self, value: str, *, preview: bool = False) -> Properties:
        new = self.changed(value)
        found = self.wire.update(self.resource, self.id, self.inputs, self.outputs, new, preview=preview)
        if not preview:
            self.inputs, self.outputs = new, found
        return found

    def unchanged(self) -> bool:
        return not self.wire.diff(self.resource, self.id, self.inputs, self.outputs, self.inputs).changes

    def delete(self) -> None:
        self.wire.delete(self.resource, self.id, self.inputs, self.outputs)


def label_of(cloud: Cloud, life: Life, value: str) -> None:
    """Change a label outside of the providers, as `kubectl label` does."""
    inputs = life.inputs
    if not is_namespaced(inputs["kind"]):
        return
    client = Client(config=KubeConfig.from_file(cloud.kubeconfig).get(), field_manager="kubectl")
    load_in_cluster_generic_resources(client)
    resource = resource_registry.load(inputs["apiVersion"], inputs["kind"])
    client.patch(
        resource,
        inputs["metadata"]["name"],
        {"metadata": {"labels": {"shape": value}}},
        namespace=life.namespace,
        patch_type=PatchType.MERGE,  # the API server does not accept a strategic merge of custom resources
    )


@pytest.mark.parametrize("name", PROGRAM.split())
def test_both_give_the_same_answers_for_an_object(
    pair: Pair, cloud: Cloud, namespaces: dict[str, str], name: str
) -> None:
    lives = [Life(wire, name, namespaces[side]) for side, wire in (("stand_in", pair.stand_in), ("real", pair.real))]
    ours = lives[0]

    def both(call: Any) -> list[Any]:
        return [comparable(call(life), life.namespace) for life in lives]

    def alike(call: Any) -> Any:
        mine, real = both(call)
        assert mine == real
        return mine

    alike(lambda life: life.inputs)
    previews = both(Life.preview)
    # The status and the provider's own keys are unknown in the stand-in's preview, and left out in the real one's.
    assert {k: v for k, v in previews[0].items() if k[:2] != "__"} == {
        k: v for k, v in previews[1].items() if k[:2] != "__"
    }
    alike(Life.create)
    assert [life.unchanged() for life in lives] == [True, True]
    assert alike(Life.read) == comparable(ours.inputs, ours.namespace)
    alike(lambda life: life.update("round", preview=True))
    alike(lambda life: life.update("round"))
    for life in lives:
        label_of(cloud, life, "square")
    alike(Life.read)
    alike(lambda life: life.outputs)
    both(Life.delete)
    for life in lives:
        Stage.eventually(lambda: life.read() is None)  # noqa: B023


@pytest.mark.parametrize("first", ["stand_in", "real"])
@pytest.mark.parametrize("name", PROGRAM.split())
def test_a_provider_takes_over_an_object_of_the_other(
    pair: Pair, namespaces: dict[str, str], name: str, first: str
) -> None:
    """There is no diff and no drift, an update has no conflict, and a deletion removes the object."""
    wires = [pair.stand_in, pair.real] if first == "stand_in" else [pair.real, pair.stand_in]
    life = Life(wires[0], name, namespaces[first])
    life.create()

    life.wire = wires[1]

    checked = life.wire.check(life.resource, life.inputs, life.given)
    assert not life.wire.diff(life.resource, life.id, life.inputs, life.outputs, checked).changes
    assert life.read() == life.inputs
    assert life.unchanged()
    assert life.update("round")["metadata"]["labels"]["shape"] == "round"
    life.wire = wires[0]
    assert life.read() == life.inputs
    assert life.update("square")["metadata"]["labels"]["shape"] == "square"
    life.wire = wires[1]
    life.delete()
    Stage.eventually(lambda: life.read() is None)
