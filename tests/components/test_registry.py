"""Registry: what it makes, and that its lifecycle never deletes a live image."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._lifecycle import lifecycle_policy
from components.registry import Registry
from tests.components.lifecycle import Image, expired
from tests.support.builders import registry_args
from tests.support.recorder import Recording, record

ECR = "aws:ecr/repository:Repository"


def _registry(**changes: object) -> Recording:
    return record(lambda: Registry("registry", registry_args(**changes)).repository_url)


def test_tags_are_immutable_and_images_scanned_and_encrypted() -> None:
    """A tag says the same thing for ever, and no image comes in unscanned."""
    recording = _registry()
    inputs = recording.only(ECR).inputs

    assert inputs["imageTagMutability"] == "IMMUTABLE"
    assert inputs["imageScanningConfiguration"] == {"scanOnPush": True}
    (encryption,) = inputs["encryptionConfigurations"]
    assert encryption["encryptionType"] == "KMS"
    assert recording.owner(encryption["kmsKey"]) is recording.only("aws:kms/key:Key")


@pytest.mark.parametrize("protect", [True, False])
def test_protects_images(protect: bool) -> None:
    """A protected repository is not deleted, and not with images in it."""
    recording = _registry(protect=protect)

    assert recording.only(ECR).protect is protect
    assert recording.only("aws:kms/key:Key").protect is protect
    assert recording.only(ECR).inputs["forceDelete"] is not protect


@given(
    st.lists(st.builds(Image, st.integers(0, 5000), st.just(("live-prod", "sha-0"))), min_size=5, max_size=30),
    st.lists(st.builds(Image, st.integers(0, 5000), st.just(("sha-1",))), max_size=30, unique=True),
    st.integers(1, 5),
)
def test_lifecycle_never_expires_a_live_image(live: list[Image], builds: list[Image], kept: int) -> None:
    """However many there are, however old, and however many builds came after them."""
    gone = expired(lifecycle_policy(14, kept), [*live, *builds])

    assert not gone & set(live)
    assert len([image for image in builds if image not in gone]) >= min(kept, len(builds))


def test_lifecycle_expires_old_untagged_images_only() -> None:
    """What lost its tag stays for as many days as it says."""
    old, new, tagged = Image(15), Image(14), Image(400, ("v1",))

    assert expired(lifecycle_policy(14, 100), [old, new, tagged]) == {old}


def test_repository_has_the_lifecycle() -> None:
    """The numbers come from the args."""
    inputs = _registry(untagged_days=3, kept_builds=7).only("aws:ecr/lifecyclePolicy:LifecyclePolicy").inputs

    assert inputs["policy"] == lifecycle_policy(3, 7)
