"""Image: a container image built from a folder, pushed under a tag of its content, used by its digest."""

from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_docker_build as docker_build
from pulumi_aws import ecr

from buildcontext.digest import content_digest
from buildcontext.errors import ContextError
from components._lifecycle import BUILD_PREFIX


@dataclass(frozen=True, kw_only=True)
class BuildContext:
    """The folder an image is built from."""

    folder: Path
    """Where it is, for this process to read. It has the Dockerfile; its .dockerignore is heeded."""

    location: str
    """What the builder is told: a path relative to the program's folder, the same on every machine."""


@dataclass(frozen=True, kw_only=True)
class ImageArgs:
    """What an Image is made from."""

    context: BuildContext
    """Folder with the Dockerfile."""

    repository_url: pulumi.Input[str]
    """Repository the image is pushed to, without a tag."""

    registry_id: pulumi.Input[str]
    """ECR registry that gives the token to push with."""

    platform: docker_build.Platform = docker_build.Platform.LINUX_AMD64
    """Platform the image is for. Auto Mode's general-purpose nodes are amd64."""


class Image(pulumi.ComponentResource):
    """A container image, as new as its content: the same files give the same tag, and nothing is built twice."""

    ref: pulumi.Output[str]
    """The image by its digest, `repository@sha256:…`: what is deployed is what was built."""

    digest: pulumi.Output[str]
    """Digest of the image's manifest, `sha256:…`."""

    tag: pulumi.Output[str]
    """Tag it was pushed under, from the content of the folder."""

    def __init__(self, name: str, args: ImageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:image:Image", name, None, opts)
        try:
            tag = BUILD_PREFIX + content_digest(args.context.folder)[:16]
        except ContextError as error:
            raise pulumi.RunError(str(error)) from None
        token = ecr.get_authorization_token_output(
            registry_id=args.registry_id, opts=pulumi.InvokeOutputOptions(parent=self)
        )

        image = docker_build.Image(
            f"{name}-image",
            context={"location": args.context.location},
            dockerfile={"location": f"{args.context.location}/Dockerfile"},
            platforms=[args.platform],
            tags=[pulumi.Output.concat(args.repository_url, ":", tag)],
            push=True,
            # A preview needs neither a builder nor the registry.
            build_on_preview=False,
            registries=[
                {
                    "address": args.repository_url,
                    "username": token.user_name,
                    "password": pulumi.Output.secret(token.password),
                }
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )

        self.digest = image.digest
        self.ref = pulumi.Output.concat(args.repository_url, "@", image.digest)
        self.tag = pulumi.Output.from_input(tag)
        self.register_outputs({"ref": self.ref, "digest": self.digest, "tag": self.tag})
