"""Rule: old images are deleted.

Anchors: ECR.3, CKV2_AWS_101.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from infra.policy.references import refers_to
from infra.policy.rule import stack_rule
from infra.resources.resource import Resource

REPOSITORY = "aws:ecr/repository:Repository"
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"


def check(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield repositories without a lifecycle policy."""
    lifecycles = [each for each in resources if each.type == LIFECYCLE]
    for repository in resources:
        own = any(refers_to(each, "repository", repository, key="name") for each in lifecycles)
        if repository.type == REPOSITORY and not own:
            yield repository, "no LifecyclePolicy of this stack is for this repository"


RULE = stack_rule(
    name="aws-ecr-expires-images",
    severity=Severity.LOW,
    description="Every repository must delete old images.",
    remedy="add an aws.ecr.LifecyclePolicy for the repository",
    check=check,
)
