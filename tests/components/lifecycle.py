"""Images that ECR deletes by a lifecycle policy, according to its documentation.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html: rules apply in the order of their
priority, and an image that one rule selects is not selected by a later one, whether the rule expires it or not.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Image:
    """An image with its age and its tags."""

    age_days: int
    tags: tuple[str, ...] = field(default=())


def expired(policy: str, images: Iterable[Image]) -> set[Image]:
    """Return the images that ECR deletes."""
    gone: set[Image] = set()
    free = sorted(images, key=lambda image: image.age_days)
    for rule in sorted(json.loads(policy)["rules"], key=lambda rule: rule["rulePriority"]):
        assert rule["action"] == {"type": "expire"}
        selection = rule["selection"]
        matched = [image for image in free if _selects(selection, image)]
        free = [image for image in free if image not in matched]
        if selection["countType"] == "imageCountMoreThan":
            gone |= set(matched[selection["countNumber"] :])
        else:
            assert (selection["countType"], selection["countUnit"]) == ("sinceImagePushed", "days")
            gone |= {image for image in matched if image.age_days > selection["countNumber"]}
    return gone


def _selects(selection: dict[str, object], image: Image) -> bool:
    """Return whether a rule selects an image, which needs a tag for each prefix of the rule."""
    if selection["tagStatus"] == "untagged":
        return not image.tags
    prefixes = selection["tagPrefixList"]
    assert isinstance(prefixes, list)
    return bool(image.tags) and all(any(tag.startswith(prefix) for tag in image.tags) for prefix in prefixes)
