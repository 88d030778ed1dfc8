"""The lifecycle policy of an image repository: what is deleted, and what never is."""

import json

BUILD_PREFIX = "sha-"


def lifecycle_policy(live_tag: str, untagged_days: int, kept_builds: int) -> str:
    """Delete untagged images after some days and all but the newest builds; never the one that runs.

    ECR evaluates by priority, and an image that a rule's tags match is out of reach of every later rule
    (https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules). So the rule
    for the image that runs comes first, although it deletes nothing: a tag is one image's alone.
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
