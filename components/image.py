"""Image: a container image built from a folder, pushed with a tag of its content, and used by digest.

A tag that exists in the repository is reused: its image has been tested, and a second build of the same
content has another digest, which a repository with immutable tags refuses. See docs/adr/0011.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

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
    """Path for this process. It contains the Dockerfile; its .dockerignore applies."""

    location: str
    """Path for the builder, relative to the program's folder, so that it is the same on every machine."""


@dataclass(frozen=True, kw_only=True)
class ImageArgs:
    """Arguments of an Image."""

    context: BuildContext
    """Folder with the Dockerfile."""

    repository_url: pulumi.Input[str]
    """Repository the image is pushed to, without a tag."""

    registry_id: pulumi.Input[str]
    """ECR registry that issues the token for the push."""

    platform: docker_build.Platform = docker_build.Platform.LINUX_AMD64
    """Platform the image is for. Auto Mode's general-purpose nodes are amd64."""

    pushed: Mapping[str, str] | None = None
    """Digests of the images in the repository, by tag."""

    built: Collection[str] = ()
    """Tags of the image in the stack's state. The builder runs only for these, and for tags that are not pushed yet."""


class Image(pulumi.ComponentResource):
    """A container image. The same files give the same tag, and the same content is not built twice."""

    ref: pulumi.Output[str]
    """The image by digest, `repository@sha256:…`."""

    digest: pulumi.Output[str]
    """Digest of the image's manifest, `sha256:…`."""

    tag: pulumi.Output[str]
    """Tag of the image, derived from the content of the folder."""

    def __init__(self, name: str, args: ImageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:image:Image", name, None, opts)
        tag = _tag(args)
        pushed = None if tag in args.built else (args.pushed or {}).get(tag)
        self.digest = pulumi.Output.from_input(pushed) if pushed else self._build(name, args, tag).digest
        self.ref = pulumi.Output.concat(args.repository_url, "@", self.digest)
        self.tag = pulumi.Output.from_input(tag)
        self.register_outputs({"ref": self.ref, "digest": self.digest, "tag": self.tag})

    def _build(self, name: str, args: ImageArgs, tag: str) -> docker_build.Image:
        token = ecr.get_authorization_token_output(
            registry_id=args.registry_id, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        return docker_build.Image(
            f"{name}-image",
            **_build_inputs(args),
            tags=[pulumi.Output.concat(args.repository_url, ":", tag)],
            registries=[
                {
                    "address": args.repository_url,
                    "username": token.user_name,
                    "password": pulumi.Output.secret(token.password),
                }
            ],
            # The image is kept in the repository when another one replaces it, for a rollback. The lifecycle policy of
            # the repository deletes it, or the deletion of the repository.
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )


def _build_inputs(args: ImageArgs) -> dict[str, Any]:
    """Return all inputs that the builder compares, except the destination of the image."""
    return {
        "context": {"location": args.context.location},
        "dockerfile": {"location": f"{args.context.location}/Dockerfile"},
        "platforms": [args.platform],
        "push": True,
        # A preview needs neither a builder nor the registry.
        "build_on_preview": False,
    }


def _tag(args: ImageArgs) -> str:
    """Return the tag of a build. It changes whenever the builder would build again.

    docker-build builds again when its hash of the context changes, or one of its inputs (`Diff` in
    https://github.com/pulumi/pulumi-docker-build/blob/v0.0.22/provider/internal/image.go).
    """
    try:
        content = content_digest(args.context.folder)
    except ContextError as error:
        raise pulumi.RunError(str(error)) from None
    inputs = json.dumps(_build_inputs(args), sort_keys=True)
    return BUILD_PREFIX + sha256(f"{content}\n{inputs}".encode()).hexdigest()[:16]
