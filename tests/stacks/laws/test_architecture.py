"""`cluster.architecture` changes the nodes and the images of the services, and nothing else."""

import json
from collections.abc import Iterator
from functools import cache, reduce
from typing import Any

import pytest
from pulumi_docker_build import Platform

from tests.support.recorder import Recording
from tests.support.worlds import STACKS, WITH_SERVICES, recorded, world_of

POOL = "kubernetes:karpenter.sh/v1:NodePool"
IMAGE = "docker-build:index:Image"
PLATFORMS = {"amd64": "linux/amd64", "arm64": "linux/arm64"}


@cache
def built(stack: str, architecture: str) -> Recording:
    """Return a stack with nodes of an architecture."""
    values = world_of(stack).settings.model_dump(mode="json", by_alias=True)
    return recorded({**values, "cluster": {**values["cluster"], "architecture": architecture}}, stack).recording


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value in an input with its path."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, f"{path}.{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from leaves(each, f"{path}[{number}]")
    else:
        yield path, value


def inputs(recording: Recording) -> dict[str, dict[str, Any]]:
    """Return the inputs of each resource by URN; the tag of an image, which depends on its platform, is `TAG`."""
    tags = [reference.rpartition(":")[2] for image in recording.all(IMAGE) for reference in image.inputs["tags"]]
    assert len(tags) == len(recording.all(IMAGE))

    def without_tags(text: str) -> str:
        return reduce(lambda rest, tag: rest.replace(tag, "TAG"), tags, text)

    return {
        urn: dict(leaves(json.loads(without_tags(json.dumps(each.inputs)))))
        for urn, each in recording.resources.items()
    }


@pytest.mark.parametrize("stack", [*STACKS, *WITH_SERVICES])
def test_only_nodes_and_image_depend_on_the_architecture(stack: str) -> None:
    """Pods select no architecture, because all nodes have that of the image."""
    one, other = built(stack, "amd64"), built(stack, "arm64")
    before, after = inputs(one), inputs(other)

    assert set(before) == set(after)
    differ = {one.resources[urn].type for urn in before if before[urn] != after[urn]}
    assert differ == {POOL, IMAGE}


@pytest.mark.parametrize("architecture", PLATFORMS)
@pytest.mark.parametrize("stack", [*STACKS, *WITH_SERVICES])
def test_the_image_runs_on_every_node(stack: str, architecture: str) -> None:
    """All node pools have the architecture that the image is built for."""
    recording = built(stack, architecture)

    for pool in recording.all(POOL):
        requirements = pool.inputs["spec"]["template"]["spec"]["requirements"]
        found = [each["values"] for each in requirements if each["key"] == "kubernetes.io/arch"]
        assert found == [[architecture]]
    for image in recording.all(IMAGE):
        assert image.inputs["platforms"] == [Platform(PLATFORMS[architecture]).value]
    assert recording.all(POOL)
    assert recording.all(IMAGE)
