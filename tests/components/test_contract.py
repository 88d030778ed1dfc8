"""Rules for every component."""

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterable
from itertools import permutations
from typing import Any

import grimp
import pulumi
import pytest

import components
from tests.support.builders import COMPONENTS
from tests.support.recorder import Recording, record

Component = type[pulumi.ComponentResource]

ARGS = {component: args for component, (_, args) in COMPONENTS.items()}
TOKENS = {component: token for component, (token, _) in COMPONENTS.items()}
every_component = pytest.mark.parametrize("component", ARGS, ids=lambda component: component.__name__)
_recordings: dict[Component, Recording] = {}


def _attributes(made: pulumi.ComponentResource, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(made, name) for name in names}


def _recording(component: Component) -> Recording:
    if component not in _recordings:
        names = inspect.get_annotations(component)
        _recordings[component] = record(lambda: _attributes(component("thing", ARGS[component]()), names))
    return _recordings[component]


def test_all_components_are_tested() -> None:
    """A component that is missing in the list would not be tested here."""
    found = {
        value
        for module in pkgutil.iter_modules(components.__path__)
        for value in vars(importlib.import_module(f"components.{module.name}")).values()
        if inspect.isclass(value)
        and issubclass(value, pulumi.ComponentResource)
        and value.__module__.startswith("comp")
    }

    assert found == set(ARGS)


def test_components_do_not_import_each_other() -> None:
    """They do so neither directly nor through other modules; the stack passes values from one to another."""
    graph = grimp.build_graph("components", exclude_type_checking_imports=False)
    modules = [component.__module__ for component in ARGS]

    assert [pair for pair in permutations(modules, 2) if graph.chain_exists(*pair)] == []


@every_component
def test_constructor_has_the_common_signature(component: Component) -> None:
    """It is `(name, args, opts=None)` with the component's own frozen class of arguments."""
    parameters = list(inspect.signature(component).parameters.values())

    assert [parameter.name for parameter in parameters] == ["name", "args", "opts"]
    assert parameters[2].default is None
    assert type(ARGS[component]()).__name__ == f"{component.__name__}Args"
    with pytest.raises(dataclasses.FrozenInstanceError):
        ARGS[component]().protect = False


@every_component
def test_type_token_is_fixed(component: Component) -> None:
    """It is part of every URN, so a change would replace everything."""
    assert _recording(component).only(TOKENS[component]).name == "thing"


@every_component
def test_registers_exactly_its_annotated_outputs(component: Component) -> None:
    """Each has the value of the attribute with the same name."""
    recording = _recording(component)

    outputs = recording.outputs(recording.only(TOKENS[component]).urn)
    assert set(outputs) == set(inspect.get_annotations(component))
    assert outputs == recording.result


@every_component
def test_children_are_parented_and_named_after_it(component: Component) -> None:
    """All resources are children of the component, and names of two components do not collide."""
    recording = _recording(component)
    urn = recording.only(TOKENS[component]).urn

    children = [resource for resource in recording.resources.values() if resource.urn != urn]
    assert children
    assert {child.parent for child in children} == {urn}
    assert all(child.name.startswith("thing-") for child in children)


@every_component
def test_same_args_make_the_same_resources(component: Component) -> None:
    """A component depends on its arguments only."""
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


def test_dataclasses_of_components_are_frozen() -> None:
    """The only exception collects subnets."""
    modules = [
        importlib.import_module(name) for _, name, _ in pkgutil.walk_packages(components.__path__, "components.")
    ]
    found = {each for module in modules for each in vars(module).values() if dataclasses.is_dataclass(each)}
    own = {each for each in found if isinstance(each, type) and each.__module__.startswith("components.")}

    assert len(own) >= 16
    assert {each.__name__ for each in own if not each.__dataclass_params__.frozen} == {"Subnets"}  # type: ignore[attr-defined]
