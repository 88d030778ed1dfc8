"""The lifecycle policy of an image repository: which images are deleted."""

import json

BUILD_PREFIX = "sha-"


def lifecycle_policy(live_tag: str, untagged_days: int, kept_builds: int) -> str:
    """Delete untagged images after some days, and all but the newest builds, but never the running image.

    ECR evaluates rules by priority, and an image that matches the tags of a rule is ignored by every later rule
    (https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules). So the rule
    for the running image comes first, although it deletes nothing, because its tag belongs to one image.
    """
    rules = [
        (
            "what runs stays",
            {
                "tagStatus": "tagged",
                "tagPrefixList": [live_tag],
                "countType": "imageCountMoreThan",
                "countNumber": 1,
            },
        ),
        (
            "only the newest builds stay",
            {
                "tagStatus": "tagged",
                "tagPrefixList": [BUILD_PREFIX],
                "countType": "imageCountMoreThan",
                "countNumber": kept_builds,
            },
        ),
        (
            "untagged images go",
            {
                "tagStatus": "untagged",
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": untagged_days,
            },
        ),
    ]
    return json.dumps(
        {
            "rules": [
                {"rulePriority": i, "description": text, "selection": selection, "action": {"type": "expire"}}
                for i, (text, selection) in enumerate(rules, start=1)
            ]
        }
    )
