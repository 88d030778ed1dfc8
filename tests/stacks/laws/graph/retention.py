"""Data is kept for a limited time, unless it is meant to be permanent."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.stacks.laws.graph.law import Break
from tests.support.edits import drop, put, without
from tests.support.recorder import Recorded
from tests.support.sdk import inputs_of
from tests.support.worlds import World

PERIOD = re.compile(r"(?!backup)\w*[rR]etention(Period|In\w+|Seconds|Days)")
"""Inputs of all types for a retention period. AWS itself limits backups to 35 days."""
LONGEST = 3653  # days: the longest retention of CloudWatch, in addition to 0 for unlimited
NEEDED_WITH = {"performanceInsightsRetentionPeriod": "performanceInsightsEnabled"}
"""Period -> the switch that makes it necessary."""
PERMANENT: Mapping[str, str] = {}
"""Logical name of a bucket whose objects are permanent -> the data that it keeps."""
HINTS = {"expiration": "; if its objects are permanent, add it to PERMANENT in laws/graph/retention.py"}
BUCKET, REPOSITORY = "aws:s3/bucket:Bucket", "aws:ecr/repository:Repository"


def every_retention_ends(world: World) -> Iterator[str]:
    """Every resource with a retention setting sets it, and to a limited time."""
    for resource in world.recording.resources.values():
        for name in inputs_of(resource.type):
            if PERIOD.fullmatch(name) and resource.inputs.get(NEEDED_WITH.get(name, ""), True):
                given, days = resource.inputs.get(name), LONGEST * (86400 if name.endswith("Seconds") else 1)
                if given is None or not 0 < given <= days:
                    yield f"{resource.name}: {name} is {given}"


def _for(world: World, type_: str, field: str, resource: Recorded) -> list[Mapping[str, Any]]:
    """Return the inputs of resources of a type that refer to this resource."""
    return [
        each.inputs
        for each in world.all(type_)
        if each.inputs[field] in (resource.id, resource.inputs.get("name"), *resource.identities)
    ]


def every_bucket_ends_what_it_keeps(world: World) -> Iterator[str]:
    """Lifecycle rules end old versions, incomplete uploads, and all objects, except in buckets of permanent data."""
    for bucket in world.all(BUCKET):
        lifecycles = _for(world, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "bucket", bucket)
        whole = [
            rule
            for lifecycle in lifecycles
            for rule in lifecycle["rules"]
            if rule["status"] == "Enabled" and rule.get("filter", {}) in ({}, {"prefix": ""})
        ]
        for action, field in (
            ("expiration", "days"),
            ("noncurrentVersionExpiration", "noncurrentDays"),
            ("abortIncompleteMultipartUpload", "daysAfterInitiation"),
        ):
            ends = any(0 < rule.get(action, {}).get(field, 0) <= LONGEST for rule in whole)
            if not ends and not (action == "expiration" and bucket.name in PERMANENT):
                yield f"{bucket.name}: no rule for all objects has {action}{HINTS.get(action, '')}"


def every_repository_ends_what_it_keeps(world: World) -> Iterator[str]:
    """Untagged images expire by age, and others by number, with a rule for each tag that the program uses."""
    pushed = [tag.rpartition(":") for image in world.all("docker-build:index:Image") for tag in image.inputs["tags"]]
    for repository in world.all(REPOSITORY):
        policies = _for(world, "aws:ecr/lifecyclePolicy:LifecyclePolicy", "repository", repository)
        rules = [rule["selection"] for policy in policies for rule in json.loads(policy["policy"])["rules"]]
        if not any((r["tagStatus"], r["countType"]) == ("untagged", "sinceImagePushed") for r in rules):
            yield f"{repository.name}: images without a tag are kept for ever"
        # A rule for the exact tag of an image covers that image only, and deletes no earlier build.
        tags = {tag for _, _, tag in pushed}
        prefixes = {prefix for rule in rules for prefix in rule.get("tagPrefixList", [])} - tags
        for name, _, tag in pushed:
            if name.endswith(f"/{repository.inputs['name']}") and not tag.startswith(tuple(prefixes)):
                yield f"{repository.name}: images with a tag such as {tag} are kept for ever"


LAWS = [every_retention_ends, every_bucket_ends_what_it_keeps, every_repository_ends_what_it_keeps]

_LIFECYCLE = "BucketLifecycleConfiguration:network-flow-logs"
_PERIODS = [
    ("LogGroup:cluster-logs", "retentionInDays"),
    ("LogGroup:database-postgresql", "retentionInDays"),
    ("Queue:jobs-queue", "messageRetentionSeconds"),
    ("Instance:database-instance", "performanceInsightsRetentionPeriod"),
]
_IMAGES = "LifecyclePolicy:registry-lifecycle"
BREAKS = [
    *(
        Break(
            name=f"{key} has no {name}",
            edit=without(key, name),
            law=every_retention_ends,
            says=f"{key.partition(':')[2]}: {name} is None",
        )
        for key, name in _PERIODS
    ),
    Break(
        name="CloudWatch keeps logs for ever",
        edit=put("LogGroup:database-upgrade", "retentionInDays", value=0),
        law=every_retention_ends,
        says="database-upgrade: retentionInDays is 0",
    ),
    *(
        Break(name=name, edit=edit, law=every_bucket_ends_what_it_keeps, says=f"network-flow-logs: {says}")
        for name, edit, says in [
            ("the bucket has no lifecycle", drop(_LIFECYCLE), "no rule for all objects has expiration"),
            (
                "the lifecycle is off",
                put(_LIFECYCLE, "rules", 0, "status", value="Disabled"),
                "no rule for all objects has expiration",
            ),
            (
                "the lifecycle is for some objects",
                put(_LIFECYCLE, "rules", 0, "filter", "prefix", value="logs/"),
                "no rule for all objects has expiration",
            ),
            (
                "old versions stay",
                without(_LIFECYCLE, "rules", 0, "noncurrentVersionExpiration"),
                "no rule for all objects has noncurrentVersionExpiration",
            ),
            (
                "unfinished uploads stay",
                without(_LIFECYCLE, "rules", 0, "abortIncompleteMultipartUpload"),
                "no rule for all objects has abortIncompleteMultipartUpload",
            ),
        ]
    ),
    Break(
        name="the registry has no lifecycle",
        edit=drop(_IMAGES),
        law=every_repository_ends_what_it_keeps,
        says="registry-repository: images without a tag",
    ),
    Break(
        name="untagged images are counted, not dated",
        edit=put(_IMAGES, "policy", "rules", 2, "selection", "countType", value="imageCountMoreThan"),
        law=every_repository_ends_what_it_keeps,
        says="registry-repository: images without a tag",
    ),
    Break(
        name="builds have a tag that no rule knows",
        edit=put(_IMAGES, "policy", "rules", 1, "selection", "tagPrefixList", value=["build-"]),
        law=every_repository_ends_what_it_keeps,
        says="registry-repository: images with a tag such as sha-",
    ),
]
