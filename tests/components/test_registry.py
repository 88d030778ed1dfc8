"""Registry: what it makes, and that its lifecycle never deletes a live image."""

import json
from dataclasses import dataclass, field

import pytest

from components._lifecycle import lifecycle_policy
from components.registry import Registry
from tests.support.builders import registry_args
from tests.support.recorder import Recording, record

ECR = "aws:ecr/repository:Repository"


def _registry(**changes: object) -> Recording:
    return record(lambda: Registry("registry", registry_args(**changes)).repository_url)


def test_tags_are_immutable_and_images_scanned_and_encrypted() -> None:
    """A tag says the same thing for ever, and no image comes in unscanned."""
    inputs = _registry().only(ECR).inputs

    assert inputs["imageTagMutability"] == "IMMUTABLE"
    assert inputs["imageScanningConfiguration"] == {"scanOnPush": True}
    assert inputs["encryptionConfigurations"][0]["encryptionType"] == "KMS"


@pytest.mark.parametrize("protect", [True, False])
def test_protects_images(protect: bool) -> None:
    """A protected repository is not deleted, and not with images in it."""
    recording = _registry(protect=protect)

    assert recording.only(ECR).protect is protect
    assert recording.only("aws:kms/key:Key").protect is protect
    assert recording.only(ECR).inputs["forceDelete"] is not protect


@dataclass(frozen=True)
class _Image:
    age_days: int
    tags: tuple[str, ...] = field(default=())


def _expired(policy: str, images: list[_Image]) -> set[_Image]:
    """Do what ECR does: by priority, each image at the disposal of the first rule whose tags match it."""
    expired: set[_Image] = set()
    free = sorted(images, key=lambda image: image.age_days)
    for rule in sorted(json.loads(policy)["rules"], key=lambda rule: rule["rulePriority"]):
        selection = rule["selection"]
        prefixes = selection.get("tagPrefixList", [])
        matched = [
            image
            for image in free
            if (any(tag.startswith(p) for p in prefixes for tag in image.tags) if prefixes else not image.tags)
        ]
        free = [image for image in free if image not in matched]
        if selection["countType"] == "imageCountMoreThan":
            expired |= set(matched[selection["countNumber"] :])
        else:
            expired |= {image for image in matched if image.age_days > selection["countNumber"]}
    return expired


def test_lifecycle_never_expires_a_live_image() -> None:
    """However old it is, and however many builds came after it."""
    live = _Image(5000, ("sha-old", "live-prod"))
    builds = [_Image(age, (f"sha-{age}",)) for age in range(1, 300)]

    expired = _expired(lifecycle_policy(14, 100), [*builds, live])

    assert live not in expired
    assert expired == set(builds[100:])


def test_lifecycle_expires_old_untagged_images_only() -> None:
    """What lost its tag stays for as many days as it says."""
    old, new, tagged = _Image(15), _Image(14), _Image(400, ("v1",))

    assert _expired(lifecycle_policy(14, 100), [old, new, tagged]) == {old}


def test_repository_has_the_lifecycle() -> None:
    """The numbers come from the args."""
    inputs = _registry(untagged_days=3, kept_builds=7).only("aws:ecr/lifecyclePolicy:LifecyclePolicy").inputs

    assert inputs["policy"] == lifecycle_policy(3, 7)
