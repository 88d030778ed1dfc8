"""Input properties of Pulumi's AWS types, from the typed Python SDK."""

import importlib
import re
import sys
import typing
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import pulumi
from pulumi._types import input_type_py_to_pulumi_names, is_input_type


@cache
def input_paths(type_: str) -> tuple[str, ...]:
    """Return the paths of all inputs of a type, such as `vpcConfig.subnetIds`; a policy that may be text is one input.

    A recursive block, such as a statement of statements, is listed once.

    Args:
        type_: Pulumi's type token, such as `aws:eks/cluster:Cluster`.
    """
    _, module, name = type_.split(":")
    with warnings.catch_warnings(action="ignore"):  # warnings about deprecated types, which are loaded with the others
        # The module of the resource, because a package of the SDK may be reduced, without the arguments.
        service, _, resource = module.partition("/")
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", resource).lower()
        package = importlib.import_module(f"pulumi_aws.{service}.{snake}")
        # `BucketVersioningArgs` is a block of another type, so the SDK names the arguments of this type InitArgs.
        args = getattr(package, f"{name}InitArgs", None) or getattr(package, f"{name}Args")
    return tuple(_paths(args, "", ()))


def _paths(args: Any, path: str, above: tuple[Any, ...]) -> Iterator[str]:
    for python_name, name in input_type_py_to_pulumi_names(args).items():
        hint = _hint(args, python_name)
        blocks, here = _blocks(hint), f"{path}{name}"
        if blocks and blocks[0] not in above and not _may_be_text(hint):
            yield from _paths(blocks[0], f"{here}.", (*above, blocks[0]))
        else:
            yield here


def _hint(args: Any, name: str) -> Any:
    # Modules of the SDK import some names of their annotations only for type checkers.
    names = {**vars(pulumi.output), **vars(pulumi), "pulumi": pulumi, **vars(sys.modules[args.__module__])}
    return typing.get_type_hints(getattr(args, name).fget, names)["return"]


def _blocks(hint: Any) -> list[Any]:
    if isinstance(hint, type):
        return [hint] if is_input_type(hint) else []
    return [block for part in typing.get_args(hint) for block in _blocks(part)]


def _may_be_text(hint: Any) -> bool:
    """Return whether text is an alternative itself, not only within a list or a map."""
    container = typing.get_origin(hint) in {list, dict, Sequence, Mapping}
    return hint is str or (not container and any(map(_may_be_text, typing.get_args(hint))))
