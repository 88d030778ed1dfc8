"""The lifecycle policy of an image repository: what is deleted, and what never is."""

import json

LIVE_PREFIX = "live-"
BUILD_PREFIX = "sha-"
MAX_LIVE_IMAGES = 1000  # far above the number of stacks: this rule is there to protect, not to delete


def lifecycle_policy(untagged_days: int, kept_builds: int) -> str:
    """Delete untagged images after some days and all but the newest builds; never a live one.

    ECR evaluates by priority, and an image that a rule's tags match is out of reach of every later rule. So the
    rule for live tags comes first, although it deletes nothing itself.
    """
    rules = [
        (
            "live images stay",
            {
                "tagStatus": "tagged",
                "tagPrefixList": [LIVE_PREFIX],
                "countType": "imageCountMoreThan",
                "countNumber": MAX_LIVE_IMAGES,
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
