"""Image: a container image built from a folder, pushed under a tag of its content, used by its digest.

A tag that is in the repository already is used as it is: its image has been tested, and a second build of the same
content gives another digest, which a repository with immutable tags refuses. docs/adr/0011 says how.
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

    pushed: Mapping[str, str] | None = None
    """Digests of the images in the repository, by tag."""

    built: Collection[str] = ()
    """Tags of the image that the stack's state has. Only such a one, or one that nobody pushed, is for the builder."""


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
            # The image stays in the repository when another one takes its place: a rollback uses it. The repository's
            # lifecycle deletes it, or a destroy of the repository.
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )


def _build_inputs(args: ImageArgs) -> dict[str, Any]:
    """What is built and how: all that the builder compares, but for where the image goes."""
    return {
        "context": {"location": args.context.location},
        "dockerfile": {"location": f"{args.context.location}/Dockerfile"},
        "platforms": [args.platform],
        "push": True,
        # A preview needs neither a builder nor the registry.
        "build_on_preview": False,
    }


def _tag(args: ImageArgs) -> str:
    """The tag of a build. Another one for whatever the builder would build again for.

    docker-build builds again when its hash of the context changes, or one of its inputs (`Diff` in
    https://github.com/pulumi/pulumi-docker-build/blob/v0.0.22/provider/internal/image.go).
    """
    try:
        content = content_digest(args.context.folder)
    except ContextError as error:
        raise pulumi.RunError(str(error)) from None
    inputs = json.dumps(_build_inputs(args), sort_keys=True)
    return BUILD_PREFIX + sha256(f"{content}\n{inputs}".encode()).hexdigest()[:16]
