"""Rule: resources have the tags by which costs are assigned.

Anchors: AWS Well-Architected COST03-BP02, Security Hub tagging controls.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, mapping, unset
from infra.resources.resource import Resource

TAGGED = (
    "aws:ec2/instance:Instance",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/vpc:Vpc",
    "aws:ecr/repository:Repository",
    "aws:eks/cluster:Cluster",
    "aws:kms/key:Key",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:rds/cluster:Cluster",
    "aws:rds/instance:Instance",
    "aws:s3/bucket:Bucket",
    "aws:sqs/queue:Queue",
)
NEEDED = ("Project", "Environment")


def check(resource: Resource) -> Iterator[str]:
    """Yield tags that are missing; `tagsAll` has those of the provider too, but only a preview with it knows them."""
    own, everything = resource.properties.get("tags"), resource.properties.get("tagsAll")
    if everything is None or UNKNOWN in (own, everything):
        return
    missing = [tag for tag in NEEDED if unset(mapping(everything).get(tag)) and unset(mapping(own).get(tag))]
    if missing:
        yield f"has no tag {', '.join(missing)}"


RULE = resource_rule(
    name="aws-required-tags",
    severity=Severity.LOW,
    description="Every AWS resource with tags must have the tags Project and Environment.",
    remedy="give the provider defaultTags, or the resource tags, with Project and Environment",
    types=TAGGED,
    check=check,
)
