"""The stand-in for the docker-build provider. Emulated: ECR, by moto."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from localcloud.cloud import Cloud
from localcloud.images.store import ImageStore
from localcloud.protocol.servicer import ProviderError, Target
from localcloud.protocol.values import UNKNOWN
from localcloud.providers.docker_build import IMAGE_TYPE, DockerBuildProvider
from tests.support.clouds import cloud as record
from tests.support.ports import free_ports

TARGET = Target(urn="urn:pulumi:t::p::docker-build:index:Image::image", type=IMAGE_TYPE, name="image")
TAG = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/drydock/api:v1"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    port = free_ports("moto")["moto"]
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    yield record(aws_endpoint=f"http://127.0.0.1:{port}", aws_access_key_id="test", aws_secret_access_key="test")
    server.stop()


@pytest.fixture
def ecr(cloud: Cloud) -> Iterator[Any]:
    client: Any = boto3.client(
        "ecr",
        endpoint_url=cloud.aws_endpoint,
        region_name=cloud.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_repository(repositoryName="drydock/api")
    yield client
    client.delete_repository(repositoryName="drydock/api", force=True)


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, Any]:
    context = tmp_path / "app"
    context.mkdir()
    (context / "main.py").write_text("print(1)\n")
    (context / "Dockerfile").write_text("FROM scratch\nCOPY main.py /srv/\n")
    return {"context": {"location": str(context)}, "push": True, "tags": [TAG]}


def change(inputs: dict[str, Any]) -> None:
    (Path(inputs["context"]["location"]) / "main.py").write_text("print(2)\n")


def test_pushes_and_unpacks(tmp_path: Path, cloud: Cloud, ecr: Any, inputs: dict[str, Any]) -> None:
    """ECR, the node agent's image store and `ref` have the same digest."""
    provider = DockerBuildProvider(tmp_path, cloud)
    checked = provider.check(TARGET, {}, inputs)

    id_, outputs = provider.create(TARGET, checked, preview=False)

    (detail,) = ecr.describe_images(repositoryName="drydock/api")["imageDetails"]
    assert detail["imageDigest"] == outputs["digest"]
    assert outputs["ref"] == f"{TAG}@{outputs['digest']}"
    assert ImageStore(tmp_path).has(outputs["digest"])
    assert provider.read(TARGET, id_, checked, outputs) == (id_, checked, outputs)


def test_previews_without_a_local_cloud(inputs: dict[str, Any]) -> None:
    """The digest is known before the build, and changes with a source file."""
    provider = DockerBuildProvider(None, None)
    checked = provider.check(TARGET, {}, inputs)
    _, outputs = provider.create(TARGET, checked, preview=True)
    change(inputs)
    rechecked = provider.check(TARGET, checked, inputs)

    difference = provider.diff(TARGET, "image", checked, outputs, rechecked)
    updated = provider.update(TARGET, "image", checked, outputs, rechecked, preview=True)

    assert (difference.changed, difference.replaces) == (["contextHash"], [])
    assert outputs["digest"] != updated["digest"] == rechecked["contextHash"]
    assert updated["ref"] == f"{TAG}@{updated['digest']}"


def test_another_checkout_is_no_change(tmp_path: Path, inputs: dict[str, Any]) -> None:
    """The same content at another path yields the same image."""
    provider = DockerBuildProvider(None, None)
    checked = provider.check(TARGET, {}, inputs)
    moved = Path(inputs["context"]["location"]).rename(tmp_path / "elsewhere")
    rechecked = provider.check(TARGET, checked, {**inputs, "context": {"location": str(moved)}})

    assert provider.diff(TARGET, "image", checked, {}, rechecked).changed == []


def test_values_that_depend_on_the_registry_are_unknown_in_a_first_preview(inputs: dict[str, Any]) -> None:
    """The repository has no address yet, but the digest is known."""
    provider = DockerBuildProvider(None, None)
    checked = provider.check(TARGET, {}, {**inputs, "tags": [UNKNOWN]})

    _, outputs = provider.create(TARGET, checked, preview=True)

    assert outputs["ref"] == UNKNOWN
    assert outputs["digest"].startswith("sha256:")


def test_pushes_the_same_content_again(tmp_path: Path, cloud: Cloud, ecr: Any, inputs: dict[str, Any]) -> None:
    """After an interrupted deployment the image may exist already."""
    provider = DockerBuildProvider(tmp_path, cloud)
    checked = provider.check(TARGET, {}, inputs)

    _, first = provider.create(TARGET, checked, preview=False)
    _, second = provider.create(TARGET, checked, preview=False)

    assert first == second


def test_a_deleted_image_is_drift(tmp_path: Path, cloud: Cloud, ecr: Any, inputs: dict[str, Any]) -> None:
    """It was deleted from ECR or from this machine."""
    provider = DockerBuildProvider(tmp_path, cloud)
    checked = provider.check(TARGET, {}, inputs)
    id_, outputs = provider.create(TARGET, checked, preview=False)

    ecr.batch_delete_image(repositoryName="drydock/api", imageIds=[{"imageDigest": outputs["digest"]}])
    assert provider.read(TARGET, id_, checked, outputs) is None

    provider.create(TARGET, checked, preview=False)
    ImageStore(tmp_path).remove(outputs["digest"])
    assert provider.read(TARGET, id_, checked, outputs) is None


def test_deletes_from_ecr_and_this_machine(tmp_path: Path, cloud: Cloud, ecr: Any, inputs: dict[str, Any]) -> None:
    """A second deletion is no error."""
    provider = DockerBuildProvider(tmp_path, cloud)
    checked = provider.check(TARGET, {}, inputs)
    id_, outputs = provider.create(TARGET, checked, preview=False)

    for _ in range(2):
        provider.delete(TARGET, id_, checked, outputs)

    assert ecr.describe_images(repositoryName="drydock/api")["imageDetails"] == []
    assert not ImageStore(tmp_path).has(outputs["digest"])


def test_rejects_a_push_to_a_missing_repository(tmp_path: Path, cloud: Cloud, inputs: dict[str, Any]) -> None:
    """The message has the tag."""
    provider = DockerBuildProvider(tmp_path, cloud)
    checked = provider.check(TARGET, {}, inputs)

    with pytest.raises(ProviderError, match=r"not pushed to .*drydock/api:v1"):
        provider.create(TARGET, checked, preview=False)


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"platforms": ["linux/amd64", "linux/arm64"]}, "platforms lists 2"),
        ({"load": True}, "load is not supported"),
        ({"dockerfile": {"inline": "FROM scratch"}}, "dockerfile.inline is not supported"),
        ({"dockerfile": {"location": "/nowhere/Dockerfile"}}, "cannot be read"),
    ],
)
def test_check_rejects_unsupported_inputs(inputs: dict[str, Any], extra: dict[str, Any], message: str) -> None:
    """They are rejected before anything is created."""
    with pytest.raises(ProviderError, match=message):
        DockerBuildProvider(None, None).check(TARGET, {}, {**inputs, **extra})
