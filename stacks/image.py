"""The service's image, built only where the repository has none for the same content.

An image in a repository with immutable tags is one of the few things that the engine cannot compare for a program: to
push a tag a second time is an error, and to build the same content a second time gives another digest. So the program
asks the repository and the state first. docs/adr/0011 says why.
"""

import pulumi
import pulumi_docker_build as docker_build
from pulumi_aws import Provider, ecr

from components.image import BuildContext, Image, ImageArgs
from components.registry import Registry
from stacks.deployed import Deployed

PLATFORMS = {"amd64": docker_build.Platform.LINUX_AMD64, "arm64": docker_build.Platform.LINUX_ARM64}
IMAGE_TYPE = "docker-build:index:Image"
# https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImages.html
NO_REPOSITORY = "RepositoryNotFoundException"


def build_image(
    repository: str,
    registry: Registry,
    provider: Provider,
    context: BuildContext,
    deployed: Deployed,
    *,
    platform: docker_build.Platform,
    logical: str = "image",
) -> Image:
    """Make the image of a context, or take the one that the repository has.

    Args:
        repository: name of the repository.
        registry: where the image is.
        provider: asks ECR.
        context: what the image is built from.
        deployed: what is in the state.
        platform: what the nodes run.
        logical: Pulumi's name of the image.
    """
    args = ImageArgs(
        context=context,
        repository_url=registry.repository_url,
        registry_id=registry.registry_id,
        platform=platform,
        pushed=_pushed(repository, provider),
        built=_built(deployed, repository),
    )
    return Image(logical, args, pulumi.ResourceOptions(provider=provider))


def _pushed(repository: str, provider: Provider) -> dict[str, str]:
    """Digests of the images in a repository, by tag; empty where there is no such repository yet."""
    try:
        found = ecr.get_images(repository_name=repository, opts=pulumi.InvokeOptions(provider=provider))
    except Exception as error:  # the SDK has no type of its own for what a provider answers
        if NO_REPOSITORY in str(error):
            return {}
        raise
    return {image.image_tag: image.image_digest for image in found.image_ids if image.image_tag}


def _built(deployed: Deployed, repository: str) -> frozenset[str]:
    """Tags that the image in the state was pushed under into this repository; other services have others."""
    refs = (ref.rpartition(":") for image in deployed.of_type(IMAGE_TYPE) for ref in image.get("tags") or ())
    return frozenset(tag for where, _, tag in refs if where.partition("/")[2] == repository)
