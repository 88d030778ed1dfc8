"""All resources that AWS can tag have the tags of their environment, for costs and ownership."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.stacks.laws.graph.law import Break
from tests.support.edits import option, put, without
from tests.support.recorder import Recorded
from tests.support.sdk import inputs_of
from tests.support.worlds import World

PROVIDER = "pulumi:providers:aws"


def _default_tags(provider: Recorded) -> Mapping[str, Any]:
    tags: Mapping[str, Any] = json.loads(provider.inputs.get("defaultTags", "{}")).get("tags", {})
    return tags


def the_provider_tags_with_the_environment(world: World) -> Iterator[str]:
    """Each AWS provider adds the program's tags and those of the settings."""
    expected = {**world.settings.tags, "Project": "drydock", "Environment": world.name, "ManagedBy": "pulumi"}
    for provider in world.all(PROVIDER):
        if (given := _default_tags(provider)) != expected:
            yield f"{provider.name}: default tags are {given}"


def every_provider_is_explicit(world: World) -> Iterator[str]:
    """The default provider would have no tags, and the region and credentials of the machine."""
    for resource in world.recording.resources.values():
        package = resource.type.partition(":")[0]
        providers = {f"{each.urn}::{each.id}" for each in world.all(f"pulumi:providers:{package}")}
        if package in ("aws", "kubernetes") and resource.provider not in providers:
            yield f"{resource.name} ({resource.type}): its provider is {resource.provider or 'the default one'}"


def no_resource_says_otherwise(world: World) -> Iterator[str]:
    """No resource overrides a tag of the provider, also not with another case."""
    common = {key.lower() for provider in world.all(PROVIDER) for key in _default_tags(provider)}
    for resource in world.recording.resources.values():
        if resource.type.startswith("aws:"):
            for key in sorted(key for key in resource.inputs.get("tags", {}) if key.lower() in common - {"name"}):
                yield f"{resource.name}: has a tag {key} of its own"


def copies_have_the_tags_too(world: World) -> Iterator[str]:
    """Copies that AWS creates itself, such as snapshots, get the tags."""
    for resource in world.recording.resources.values():
        for name in ("copyTagsToSnapshot", "copyTagsToBackups"):
            if name in inputs_of(resource.type) and resource.inputs.get(name) is not True:
                yield f"{resource.name}: {name} is {resource.inputs.get(name)}"


def what_people_look_for_has_a_name(world: World) -> Iterator[str]:
    """Resources of EC2 have a unique tag Name, because the console shows nothing else."""
    seen: dict[tuple[str, str], str] = {}
    for resource in world.recording.resources.values():
        if resource.type.startswith("aws:ec2/") and "tags" in inputs_of(resource.type):
            name = resource.inputs.get("tags", {}).get("Name")
            if name is None and resource.type != "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":
                yield f"{resource.name} ({resource.type}): has no tag Name"
            elif other := seen.get((resource.type, str(name))):
                yield f"{resource.name} ({resource.type}): has the tag Name of {other}"
            seen[resource.type, str(name)] = resource.name


LAWS = [
    the_provider_tags_with_the_environment,
    every_provider_is_explicit,
    no_resource_says_otherwise,
    copies_have_the_tags_too,
    what_people_look_for_has_a_name,
]

BREAKS = [
    Break(
        name="another environment's tag",
        edit=put("aws:aws", "defaultTags", "tags", "Environment", value="staging"),
        law=the_provider_tags_with_the_environment,
        says="aws: default tags are",
    ),
    Break(
        name="a tag of the settings is lost",
        edit=without("aws:aws", "defaultTags", "tags", "CostCenter"),
        law=the_provider_tags_with_the_environment,
        says="aws: default tags are",
    ),
    Break(
        name="no default tags",
        edit=without("aws:aws", "defaultTags"),
        law=the_provider_tags_with_the_environment,
        says="aws: default tags are {}",
    ),
    *(
        Break(
            name=f"the default provider makes {key}",
            edit=option(key, provider=""),
            law=every_provider_is_explicit,
            says="its provider is the default one",
        )
        for key in ("Key:jobs-key", "NatGateway:network-nat-a", "Namespace:workload-namespace")
    ),
    Break(
        name="a resource has an environment of its own",
        edit=put("Vpc:network-vpc", "tags", "Environment", value="shared"),
        law=no_resource_says_otherwise,
        says="network-vpc: has a tag Environment",
    ),
    Break(
        name="a tag differs in its case only",
        edit=put("Subnet:network-public-b", "tags", "costcenter", value="shared"),
        law=no_resource_says_otherwise,
        says="network-public-b: has a tag costcenter",
    ),
    Break(
        name="snapshots have no tags",
        edit=put("Instance:database-instance", "copyTagsToSnapshot", value=False),
        law=copies_have_the_tags_too,
        says="database-instance: copyTagsToSnapshot is False",
    ),
    Break(
        name="a subnet has no name",
        edit=without("Subnet:network-database-c", "tags"),
        law=what_people_look_for_has_a_name,
        says="network-database-c (aws:ec2/subnet:Subnet): has no tag Name",
    ),
    Break(
        name="the network has no name",
        edit=without("Vpc:network-vpc", "tags", "Name"),
        law=what_people_look_for_has_a_name,
        says="network-vpc (aws:ec2/vpc:Vpc): has no tag Name",
    ),
    Break(
        name="two subnets have one name",
        edit=put("Subnet:network-private-a", "tags", "Name", value="network-private-b"),
        law=what_people_look_for_has_a_name,
        says="has the tag Name of",
    ),
]
