"""The image of the service, built only if the repository has none with the same content.

An image in a repository with immutable tags is one of the few things that the engine cannot compare:
pushing a tag a second time is an error, and building the same content again gives another digest. So the program
checks the repository and the state first. See docs/adr/0011.
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
    """Build the image of a context, or use the one in the repository.

    Args:
        repository: name of the repository.
        registry: registry of the image.
        provider: provider for the calls to ECR.
        context: build context of the image.
        deployed: resources in the state.
        platform: platform of the nodes.
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
    """Return the digests of the images in a repository, by tag; empty if the repository does not exist."""
    try:
        found = ecr.get_images(repository_name=repository, opts=pulumi.InvokeOptions(provider=provider))
    except Exception as error:  # the SDK has no own type for errors of providers
        if NO_REPOSITORY in str(error):
            return {}
        raise
    return {image.image_tag: image.image_digest for image in found.image_ids if image.image_tag}


def _built(deployed: Deployed, repository: str) -> frozenset[str]:
    """Return the tags of the image in the state that are in this repository."""
    refs = (ref.rpartition(":") for image in deployed.of_type(IMAGE_TYPE) for ref in image.get("tags") or ())
    return frozenset(tag for where, _, tag in refs if where.partition("/")[2] == repository)
