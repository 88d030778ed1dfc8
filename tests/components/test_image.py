"""Image: what it makes of its args."""

from pathlib import Path

from buildcontext.digest import content_digest
from components.image import BuildContext, Image
from tests.support.builders import IMAGE_REF, REPOSITORY, ROOT, image_args
from tests.support.recorder import Recording, record

BUILD = "docker-build:index:Image"


def _image(**changes: object) -> Recording:
    return record(lambda: Image("image", image_args(**changes)).ref)


def test_is_used_by_digest() -> None:
    """What is deployed cannot change under its name."""
    assert _image().result == IMAGE_REF


def test_tag_is_that_of_the_content(tmp_path: Path) -> None:
    """The same files give the same tag, and other files another."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    context = BuildContext(folder=tmp_path, location="../app")

    (tag,) = _image(context=context).only(BUILD).inputs["tags"]
    assert tag == f"{REPOSITORY}:sha-{content_digest(tmp_path)[:16]}"
    (tmp_path / "Dockerfile").write_text("FROM scratch\nUSER 1\n")
    assert _image(context=context).only(BUILD).inputs["tags"] != [tag]


def test_preview_builds_nothing() -> None:
    """A preview needs no builder; a deployment pushes."""
    inputs = _image().only(BUILD).inputs

    assert (inputs["buildOnPreview"], inputs["push"]) == (False, True)


def test_plan_is_the_same_on_every_machine() -> None:
    """No path of this machine is in the inputs."""
    inputs = _image().only(BUILD).inputs

    assert inputs["context"] == {"location": "../app"}
    assert str(ROOT) not in str(inputs)


def test_push_credential_is_secret() -> None:
    """It is the registry's own, for this registry, and the token is in no plain input."""
    recording = _image()

    (registry,) = recording.only(BUILD).inputs["registries"]
    assert registry == {"address": REPOSITORY, "username": "AWS", "password": "registry-push-token"}
    assert recording.only(BUILD).secret_inputs == {"registries"}
    assert recording.calls == ["aws:ecr/getAuthorizationToken:getAuthorizationToken"]
