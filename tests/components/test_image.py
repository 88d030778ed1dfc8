"""The component Image: its resources for given arguments."""

import re
from pathlib import Path

import pulumi_docker_build as docker_build
import pytest

from components.image import BuildContext, Image
from tests.support.builders import IMAGE_REF, REPOSITORY, ROOT, image_args
from tests.support.recorder import Recording, record

BUILD = "docker-build:index:Image"
DIGEST = f"sha256:{'f' * 64}"


def _image(**changes: object) -> Recording:
    return record(lambda: Image("image", image_args(**changes)).ref)


def _tag_of(recording: Recording) -> str:
    (tag,) = recording.only(BUILD).inputs["tags"]
    return str(tag).rpartition(":")[2]


def test_is_used_by_digest() -> None:
    """A digest always refers to the same content."""
    assert _image().result == IMAGE_REF


def test_tag_depends_on_the_content(tmp_path: Path) -> None:
    """The same files yield the same tag, and other files another one."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    context = BuildContext(folder=tmp_path, location="../app")

    (tag,) = _image(context=context).only(BUILD).inputs["tags"]
    assert re.fullmatch(f"{REPOSITORY}:sha-[0-9a-f]{{16}}", tag)
    assert _image(context=context).only(BUILD).inputs["tags"] == [tag]
    (tmp_path / "Dockerfile").write_text("FROM scratch\nUSER 1\n")
    assert _image(context=context).only(BUILD).inputs["tags"] != [tag]


def test_tag_changes_with_every_input_that_the_builder_compares() -> None:
    """docker-build builds again for another platform or Dockerfile path, even if no file changes."""
    made = [
        _image(),
        _image(platform=docker_build.Platform.LINUX_ARM64),
        _image(context=BuildContext(folder=ROOT / "app", location="app")),
    ]
    inputs = [image.only(BUILD).inputs for image in made]

    assert len({tag for one in inputs for tag in one["tags"]}) == len(made)
    # The tag covers all inputs but the destination of the image.
    compared = {"context", "dockerfile", "platforms", "push", "buildOnPreview"}
    assert {frozenset(one) for one in inputs} == {frozenset({*compared, "tags", "registries", "network"})}


def test_uses_an_image_that_was_pushed_before() -> None:
    """A tag that exists in the repository is neither built nor pushed again."""
    tag = _tag_of(_image())
    recording = record(lambda: Image("image", image_args(pushed={tag: DIGEST, "sha-other": "sha256:0"})).ref)

    assert recording.all(BUILD) == []
    assert recording.result == f"{REPOSITORY}@{DIGEST}"


@pytest.mark.parametrize("pushed", [{}, {"sha-other": "sha256:0"}], ids=["empty", "other builds"])
def test_builds_an_image_that_is_not_pushed(pushed: dict[str, str]) -> None:
    """Other images of the repository make no difference."""
    assert len(_image(pushed=pushed).all(BUILD)) == 1


def test_keeps_the_build_that_the_state_has() -> None:
    """Otherwise every second deployment would remove the build from the state; the image stays in the repository."""
    tag = _tag_of(_image())

    assert len(_image(pushed={tag: DIGEST}, built=[tag]).all(BUILD)) == 1
    assert _image().only(BUILD).retain_on_delete
    assert _image(pushed={tag: DIGEST}, built=["sha-other"]).all(BUILD) == []


def test_preview_builds_nothing() -> None:
    """A preview needs no builder, and only a deployment pushes."""
    inputs = _image().only(BUILD).inputs

    assert (inputs["buildOnPreview"], inputs["push"]) == (False, True)


def test_plan_is_the_same_on_every_machine() -> None:
    """The inputs contain no path of this machine."""
    inputs = _image().only(BUILD).inputs

    assert inputs["context"] == {"location": "../app"}
    assert str(ROOT) not in str(inputs)


def test_push_credential_is_secret() -> None:
    """It is the token of this registry, and no unmarked input contains it."""
    recording = _image()

    (registry,) = recording.only(BUILD).inputs["registries"]
    assert registry == {"address": REPOSITORY, "username": "AWS", "password": "registry-push-token"}
    assert recording.only(BUILD).secret_inputs == {"registries"}
    assert recording.calls == ["aws:ecr/getAuthorizationToken:getAuthorizationToken"]
