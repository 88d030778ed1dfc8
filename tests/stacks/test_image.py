"""The image of a stack over several deployments, in a repository with immutable tags.

Real: the engine with its state, the components, and the program's reading of state and repository. Emulated: ECR by
moto, and the builder by its stand-in, which yields another digest with every build, as a builder without a cache does.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pulumi
import pulumi_aws as aws
import pulumi_docker_build as docker_build
import pytest
from pulumi.automation.errors import CommandError

from components.image import BuildContext
from components.registry import Registry, RegistryArgs
from localcloud.aws.provider import AwsProvider
from localcloud.aws.server import AwsServer
from localcloud.cloud import ACCESS_KEY
from localcloud.images.build import Image
from localcloud.providers.docker_build import DockerBuildProvider
from stacks.deployed import read_deployed
from stacks.image import build_image
from stacks.names import Names
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, start_server
from tests.support.clouds import cloud
from tests.support.engine import STACK
from tests.support.on_engine import OnEngine

REPOSITORY = f"drydock-{STACK}"
KEYS = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": ACCESS_KEY}


class ColdBuilder(DockerBuildProvider):
    """Yields another digest with every build of the same content."""

    builds = 0
    dies = False

    def build(self, inputs: dict[str, Any]) -> Image:
        self.builds += 1
        image = super().build(inputs)
        manifest = {**json.loads(image.manifest), "annotations": {"build": str(self.builds)}}
        return replace(image, manifest=json.dumps(manifest).encode())

    def _push(self, image: Image, tag: str) -> None:
        super()._push(image, tag)
        if self.dies:
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    if process.name() == "pulumi":
                        process.kill()


class Site(OnEngine):
    """A stack with a registry and an image, its build context, and the builder."""

    def __init__(self, folder: Path, server: AwsServer) -> None:
        self.builder = ColdBuilder(folder, cloud(aws_endpoint=server.endpoint, region=REGION, **KEYS))
        super().__init__(folder, (AwsProvider(ACCOUNT_ID, REGION, server.endpoint), self.builder), self.program)
        self.context = folder / "app"
        self.context.mkdir()
        self.write("FROM scratch\nCOPY main.py /\n")
        (self.context / "main.py").write_text("print(1)\n")
        (self.context / ".dockerignore").write_text("Dockerfile\n")

    def write(self, dockerfile: str) -> None:
        (self.context / "Dockerfile").write_text(dockerfile)

    def program(self) -> None:
        names, deployed = Names(STACK), read_deployed()
        provider = aws.Provider("aws", region=REGION)
        opts = pulumi.ResourceOptions(provider=provider)
        registry = Registry("registry", RegistryArgs(repository_name=names.repository, protect=False), opts)
        context = BuildContext(folder=self.context, location=str(self.context))
        platform = docker_build.Platform.LINUX_AMD64
        image = build_image(names.repository, registry, provider, context, deployed, platform=platform)
        pulumi.export("digest", image.digest)

    def digest(self) -> str:
        """Deploy, and return the digest of the deployed image."""
        return str(self.up()["digest"])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    (tmp_path / "aws").mkdir()
    server = start_server(tmp_path / "aws")
    site = Site(tmp_path / "site", server)
    yield site
    site.close()
    server.stop()


def test_deploys_a_change_of_the_dockerfile_and_rolls_it_back(site: Site) -> None:
    """The Dockerfile counts although .dockerignore excludes it; the older content yields its earlier digest again."""
    first = site.digest()
    repeated = site.digest()
    unchanged = site.changes
    site.write("FROM scratch\nCOPY main.py /\nUSER 1\n")
    second = site.digest()
    site.write("FROM scratch\nCOPY main.py /\n")
    rolled_back = site.digest()
    built = site.builder.builds
    again = site.digest()

    assert first == repeated == rolled_back == again != second
    assert set(unchanged) == set(site.changes) == {"same"}
    assert built == site.builder.builds == 2


def test_continues_after_a_kill_between_push_and_state(site: Site) -> None:
    """In the first and in a later deployment, the pushed image is deployed and nothing is built again."""
    for number in (1, 2):
        site.write(f"FROM scratch\nCOPY main.py /\nUSER {number}\n")
        site.builder.dies = True
        with pytest.raises(CommandError):
            site.up()
        site.builder.dies = False
        site.unlock()

        site.up()
        assert site.builder.builds == number
        site.up()
        assert set(site.changes) == {"same"}
        assert site.builder.builds == number
