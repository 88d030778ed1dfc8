"""What holds for every component."""

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable
from typing import Any

import pulumi
import pytest

import components
from components.alarms import Alarms
from components.cluster import Cluster
from components.database import Database
from components.deploy_identities import DeployIdentities
from components.edge import Edge
from components.image import Image
from components.job_queue import JobQueue
from components.mounted_secrets import MountedSecrets
from components.network import Network
from components.network_policy_engine import NetworkPolicyEngine
from components.node_pools import NodePools
from components.pod_logs import PodLogs
from components.pod_role import PodRole
from components.registry import Registry
from components.route import Route
from components.state_store import StateStore
from components.workload import Workload
from tests.support import builders
from tests.support.recorder import Recording, record

Component = type[pulumi.ComponentResource]

ARGS: dict[Component, Callable[..., Any]] = {
    Alarms: builders.alarms_args,
    PodLogs: builders.pod_logs_args,
    PodRole: builders.pod_role_args,
    Cluster: builders.cluster_args,
    Database: builders.database_args,
    DeployIdentities: builders.deploy_identities_args,
    Edge: builders.edge_args,
    Image: builders.image_args,
    JobQueue: builders.job_queue_args,
    MountedSecrets: builders.mounted_secrets_args,
    Network: builders.network_args,
    NetworkPolicyEngine: builders.policy_engine_args,
    NodePools: builders.node_pools_args,
    Registry: builders.registry_args,
    Route: builders.route_args,
    StateStore: builders.state_store_args,
    Workload: builders.workload_args,
}
TOKENS = {
    Alarms: "drydock:observability:Alarms",
    PodLogs: "drydock:logs:PodLogs",
    PodRole: "drydock:roles:PodRole",
    Cluster: "drydock:cluster:Cluster",
    Database: "drydock:database:Database",
    DeployIdentities: "drydock:bootstrap:DeployIdentities",
    Edge: "drydock:edge:Edge",
    Image: "drydock:image:Image",
    JobQueue: "drydock:queue:JobQueue",
    MountedSecrets: "drydock:secrets:MountedSecrets",
    Network: "drydock:network:Network",
    NetworkPolicyEngine: "drydock:cluster:NetworkPolicyEngine",
    NodePools: "drydock:cluster:NodePools",
    Registry: "drydock:registry:Registry",
    Route: "drydock:edge:Route",
    StateStore: "drydock:bootstrap:StateStore",
    Workload: "drydock:workload:Workload",
}
every_component = pytest.mark.parametrize("component", ARGS, ids=lambda component: component.__name__)
_recordings: dict[Component, Recording] = {}


def _attributes(made: pulumi.ComponentResource, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(made, name) for name in names}


def _recording(component: Component) -> Recording:
    if component not in _recordings:
        names = inspect.get_annotations(component)
        _recordings[component] = record(lambda: _attributes(component("thing", ARGS[component]()), names))
    return _recordings[component]


def test_all_components_are_looked_at() -> None:
    """A component that is missing here would be held to nothing."""
    found = {
        value
        for module in pkgutil.iter_modules(components.__path__)
        for value in vars(importlib.import_module(f"components.{module.name}")).values()
        if inspect.isclass(value)
        and issubclass(value, pulumi.ComponentResource)
        and value.__module__.startswith("comp")
    }

    assert found == set(ARGS)


@every_component
def test_constructor_has_the_one_signature(component: Component) -> None:
    """`(name, args, opts=None)`, and args of its own frozen class."""
    parameters = list(inspect.signature(component).parameters.values())

    assert [parameter.name for parameter in parameters] == ["name", "args", "opts"]
    assert parameters[2].default is None
    assert type(ARGS[component]()).__name__ == f"{component.__name__}Args"
    with pytest.raises(dataclasses.FrozenInstanceError):
        ARGS[component]().protect = False


@every_component
def test_type_token_is_fixed(component: Component) -> None:
    """It is in every URN: to change it is to replace everything."""
    assert _recording(component).only(TOKENS[component]).name == "thing"


@every_component
def test_registers_exactly_its_annotated_outputs(component: Component) -> None:
    """Each with the value that the attribute of the same name has."""
    recording = _recording(component)

    outputs = recording.outputs(recording.only(TOKENS[component]).urn)
    assert set(outputs) == set(inspect.get_annotations(component))
    assert outputs == recording.result


@every_component
def test_children_are_parented_and_named_after_it(component: Component) -> None:
    """Nothing is made beside the component, and two of them do not collide."""
    recording = _recording(component)
    urn = recording.only(TOKENS[component]).urn

    children = [resource for resource in recording.resources.values() if resource.urn != urn]
    assert children
    assert {child.parent for child in children} == {urn}
    assert all(child.name.startswith("thing-") for child in children)


@every_component
def test_same_args_make_the_same_resources(component: Component) -> None:
    """A component looks at nothing but its args."""
    first, second = _recording(component), record(lambda: component("thing", ARGS[component]()) and None)

    assert {u: r.inputs for u, r in first.resources.items()} == {u: r.inputs for u, r in second.resources.items()}


@every_component
def test_every_field_is_documented(component: Component) -> None:
    """Each field of the args and each output has a docstring that ends in a full stop."""
    for class_ in (component, type(ARGS[component]())):
        body = ast.parse(inspect.getsource(class_)).body[0].body  # type: ignore[attr-defined]
        for statement, following in zip(body, [*body[1:], None], strict=True):
            if isinstance(statement, ast.AnnAssign):
                assert isinstance(following, ast.Expr), ast.unparse(statement)
                assert isinstance(following.value, ast.Constant)
                assert re.search(r"\.$", str(following.value.value)), following.value.value


def test_what_a_component_is_given_and_gives_stays() -> None:
    """Every dataclass of a component is frozen; the subnets are collected in one."""
    modules = [
        importlib.import_module(name) for _, name, _ in pkgutil.walk_packages(components.__path__, "components.")
    ]
    found = {each for module in modules for each in vars(module).values() if dataclasses.is_dataclass(each)}
    own = {each for each in found if isinstance(each, type) and each.__module__.startswith("components.")}

    assert len(own) >= 16
    assert {each.__name__ for each in own if not each.__dataclass_params__.frozen} == {"Subnets"}  # type: ignore[attr-defined]
