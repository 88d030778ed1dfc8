"""Versions that are lower than before. Versions that cannot be compared are not a downgrade."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from infra.resources.resource import Properties, Resource
from infra.resources.workloads import WORKLOAD_TYPES, containers, pod_spec
from infra.review.hazards.alteration import Alteration

VERSIONS: Mapping[str, str] = {
    "aws:rds/instance:Instance": "engineVersion",
    "aws:rds/cluster:Cluster": "engineVersion",
    "aws:rds/clusterInstance:ClusterInstance": "engineVersion",
    "aws:elasticache/replicationGroup:ReplicationGroup": "engineVersion",
    "aws:opensearch/domain:Domain": "engineVersion",
    "aws:eks/cluster:Cluster": "version",
    "aws:eks/nodeGroup:NodeGroup": "version",
    "aws:eks/addon:Addon": "addonVersion",
    "kubernetes:helm.sh/v3:Release": "version",
    "kubernetes:helm.sh/v4:Chart": "version",
}
"""Type -> the property with its version."""
# Such as `17.6`, `v1.19.0-eksbuild.2` and `OpenSearch_2.13`; a hash of a commit is none.
_VERSION = re.compile(r"(?P<before>v|[A-Za-z]+_|)(?P<numbers>\d+(?:\.\d+)*)(?P<after>|[-+].*)")


def downgrades(alteration: Alteration) -> Iterator[str]:
    """Yield the versions that go down."""
    if (path := VERSIONS.get(alteration.type)) and (pair := alteration.pair(path)):
        if is_lower(*pair):
            yield f"{path} goes down from {pair[0]} to {pair[1]}"
    elif alteration.type in WORKLOAD_TYPES:
        before, after = (_images(alteration.type, each or {}) for each in (alteration.old, alteration.new))
        for name in sorted(before.keys() & after.keys()):
            (repository, old), (other, new) = _tagged(before[name]), _tagged(after[name])
            if repository == other and is_lower(old, new):
                yield f"the image of container {name} goes down from {old} to {new}"


def is_lower(old: Any, new: Any) -> bool:
    """Return whether a version is lower than another one; False if they cannot be compared.

    A version such as `17` stands for all its minor versions, so it is not compared with `17.6`.
    """
    first, second = (_VERSION.fullmatch(each) if isinstance(each, str) else None for each in (old, new))
    if not (first and second and first["before"] == second["before"]):
        return False
    numbers = [[int(each) for each in match["numbers"].split(".")] for match in (first, second)]
    common = min(map(len, numbers))
    if numbers[0][:common] != numbers[1][:common]:
        return numbers[1][:common] < numbers[0][:common]
    return len(numbers[0]) == len(numbers[1]) and _is_lower_build(first["after"], second["after"])


def _is_lower_build(old: str, new: str) -> bool:
    """Compare suffixes such as `-eksbuild.3`, which differ in their numbers only."""
    if re.sub(r"\d+", "", old) != re.sub(r"\d+", "", new):
        return False
    return [int(each) for each in re.findall(r"\d+", new)] < [int(each) for each in re.findall(r"\d+", old)]


def _images(resource_type: str, inputs: Properties) -> dict[str, str]:
    """Return name of a container -> its image, if both are known."""
    spec = pod_spec(Resource(type=resource_type, name="", urn="", properties=inputs))
    pairs = ((each.get("name"), each.get("image")) for each in containers(spec))
    return {name: image for name, image in pairs if isinstance(name, str) and isinstance(image, str)}


def _tagged(image: str) -> tuple[str, str]:
    """Return the repository and the tag of an image; what is not a tag is not a version either."""
    repository, _, tag = image.partition("@")[0].rpartition(":")
    return repository, tag
