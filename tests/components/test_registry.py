"""The component Registry: its resources, and a lifecycle that keeps running images."""

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
    """A tag cannot be moved, and every pushed image is scanned."""
    recording = _registry()
    inputs = recording.only(ECR).inputs

    assert inputs["imageTagMutability"] == "IMMUTABLE"
    assert inputs["imageScanningConfiguration"] == {"scanOnPush": True}
    (encryption,) = inputs["encryptionConfigurations"]
    assert encryption["encryptionType"] == "KMS"
    assert recording.owner(encryption["kmsKey"]) is recording.only("aws:kms/key:Key")


@pytest.mark.parametrize("protect", [True, False])
def test_protects_images(protect: bool) -> None:
    """A protected repository is not deleted with its images."""
    recording = _registry(protect=protect)

    assert recording.only(ECR).protect is protect
    assert recording.only("aws:kms/key:Key").protect is protect
    assert recording.only(ECR).inputs["forceDelete"] is not protect


@given(
    st.lists(st.builds(Image, st.integers(0, 5000), st.builds(lambda n: (f"sha-{n:016x}",), st.integers(0, 9999)))),
    st.lists(st.builds(Image, st.integers(0, 5000))),
    st.integers(1, 5),
    st.data(),
)
def test_lifecycle_never_expires_a_running_image(
    builds: list[Image], untagged: list[Image], kept: int, data: st.DataObject
) -> None:
    """Neither its age nor the number and age of later builds matters."""
    live = Image(data.draw(st.integers(0, 5000)), ("sha-live000000000000",))
    others = list({image.tags: image for image in builds}.values())  # a tag names one image
    gone = expired(lifecycle_policy("sha-live000000000000", 14, kept), [*others, *untagged, live])

    assert live not in gone
    assert len([image for image in others if image not in gone]) == min(kept, len(others))
    assert {image for image in untagged if image in gone} == {image for image in untagged if image.age_days > 14}


def test_lifecycle_expires_old_untagged_images_only() -> None:
    """An image without a tag is kept for the given number of days."""
    old, new, tagged = Image(15), Image(14), Image(400, ("v1",))

    assert expired(lifecycle_policy("sha-a", 14, 100), [old, new, tagged]) == {old}


def test_repository_has_the_lifecycle() -> None:
    """The numbers come from the arguments, and the tag from the running image."""

    def program() -> None:
        Registry("registry", registry_args(untagged_days=3, kept_builds=7)).add_lifecycle("sha-1")

    inputs = record(program).only("aws:ecr/lifecyclePolicy:LifecyclePolicy").inputs

    assert inputs["policy"] == lifecycle_policy("sha-1", 3, 7)
