"""Resource types in Pulumi's AWS SDK."""

import importlib
import re
from functools import cache
from typing import cast

from pulumi._types import input_type_py_to_pulumi_names


@cache
def arguments(type_: str) -> type:
    """Return the class of the SDK for the inputs of a resource, such as `pulumi_aws.ec2.vpc.VpcArgs`."""
    package, name = type_.split(":")[1:]
    # The module of this resource only, because the import of the whole package takes a second.
    path = re.sub("([A-Z])", r"_\1", package.replace("/", ".")).lower()
    module = importlib.import_module(f"pulumi_aws.{path}")
    # If a block has the name of the resource, the class of the resource is named like BucketVersioningInitArgs.
    return cast(type, getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args"))


@cache
def inputs_of(type_: str) -> frozenset[str]:
    """Return the names of all inputs of an AWS resource type, such as `retentionInDays`; none for other types."""
    if not type_.startswith("aws:"):
        return frozenset()
    return frozenset(input_type_py_to_pulumi_names(arguments(type_)).values())
