"""The stand-in for docker-build: builds images, pushes them to ECR and unpacks them for the node agent.

The digest depends on the content only, so a preview shows it, and a change of one line is shown as an update. See
`localcloud.images.build` for the limits of such an image.
"""

from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localcloud.cloud import Cloud
from localcloud.errors import CloudError
from localcloud.images.build import MANIFEST_TYPE, Image, digest_of
from localcloud.images.containers import NOT_BUILT, build_container
from localcloud.images.store import ImageStore
from localcloud.protocol.servicer import Change, Provider, ProviderError, Target
from localcloud.protocol.values import UNKNOWN, Properties, is_unknown
from localcloud.providers.docker_inputs import built, content, paths, settings

IMAGE_TYPE = "docker-build:index:Image"
# These paths differ between checkouts, so the digest of the content is compared instead.
PATH_INPUTS = ("context", "dockerfile")
# Inputs that have no equivalent here; `exports` other than `push` would need a container runtime.
UNSUPPORTED_INPUTS = ("exports", "load")


class DockerBuildProvider(Provider):
    """Builds, pushes and deletes images.

    Args:
        state: the state folder, in which images are unpacked; None for previews without a local cloud.
        cloud: the local cloud with the ECR endpoint; None for previews without a local cloud.
    """

    name = "docker-build"

    def __init__(self, state: Path | None, cloud: Cloud | None) -> None:
        self._state = state
        self._store = ImageStore(state) if state else None
        self._cloud = cloud

    def check(self, target: Target, old: Properties, new: Properties) -> Properties:
        """Validate the inputs and add the digest of the content as `contextHash`, which `diff` compares."""
        if target.type != IMAGE_TYPE:
            raise ProviderError(f"{target.type} has no stand-in in the local cloud; accepted: {IMAGE_TYPE}")
        for key in UNSUPPORTED_INPUTS:
            if new.get(key):
                raise ProviderError(f"{key} is not supported by the local cloud; use push, tags and registries")
        if len(new.get("platforms") or []) > 1:
            raise ProviderError(
                f"platforms lists {len(new['platforms'])}, but the local cloud builds one; name one in this stack"
            )
        return {**new, "contextHash": self._content(new)}

    def diff(self, target: Target, id_: str, old: Properties, outputs: Properties, new: Properties) -> Change:
        """Compare the inputs; every change is an update, because the new image is pushed next to the old one."""
        keys = ({*old, *new}) - set(PATH_INPUTS)
        return Change(changed=sorted(key for key in keys if old.get(key) != new.get(key)))

    def create(self, target: Target, inputs: Properties, *, preview: bool) -> tuple[str, Properties]:
        """Build, unpack and push the image."""
        return ("" if preview else target.name), self._make(inputs, preview=preview)

    def update(
        self,
        target: Target,
        id_: str,
        old: Properties,
        outputs: Properties,
        new: Properties,
        *,
        preview: bool,
    ) -> Properties:
        """Build, unpack and push the new image; pods with the old image keep running."""
        return self._make(new, preview=preview)

    def read(
        self, target: Target, id_: str, inputs: Properties, outputs: Properties
    ) -> tuple[str, Properties, Properties] | None:
        """Return the state unchanged, or None if the image is missing in a repository or on this machine."""
        digest = outputs.get("digest")
        if self._store and (digest is None or not self._store.has(digest)):
            return None
        if digest and self._cloud and inputs.get("push") and not all(self._pushed(digest, inputs)):
            return None
        return id_, inputs, outputs

    def delete(self, target: Target, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Remove the image from its repositories, and from this machine unless a pod was started from it."""
        digest = outputs.get("digest")
        if not digest:
            return
        if self._cloud and inputs.get("push"):
            for tag in inputs.get("tags") or []:
                with suppress(self._ecr.exceptions.RepositoryNotFoundException):
                    self._ecr.batch_delete_image(repositoryName=_repository(tag), imageIds=[{"imageDigest": digest}])
        if self._store:
            self._store.remove(digest)

    def _content(self, inputs: Properties) -> str:
        """Return the digest of the image, or that of its context if it must be built in a container to know it."""
        return content(inputs)

    def _make(self, inputs: Properties, *, preview: bool) -> Properties:
        hashed = digest = inputs["contextHash"]
        if hashed.startswith(NOT_BUILT):
            digest = UNKNOWN
        if not preview:
            image = self.build(inputs)
            digest = image.digest
            hashed = digest if is_unknown(hashed) else hashed
            try:
                if self._store:
                    self._store.put(image)
            except CloudError as error:
                raise ProviderError(str(error)) from error
            if self._cloud and inputs.get("push"):
                for tag in inputs.get("tags") or []:
                    self._push(image, tag)
        return {**inputs, "contextHash": hashed, "digest": digest, "ref": _reference(inputs, digest)}

    def build(self, inputs: Properties) -> Image:
        """Build the image of some inputs; the same inputs result in the same digest, unless RUN is executed."""
        if inputs["contextHash"].startswith(NOT_BUILT):
            return self._build_container(inputs)
        return built(inputs)

    def _build_container(self, inputs: Properties) -> Image:
        if self._state is None:
            raise ProviderError("no local cloud is running")
        try:
            return build_container(*paths(inputs), **settings(inputs), folder=self._state / "buildah")
        except CloudError as error:
            raise ProviderError(str(error)) from error

    @cached_property
    def _ecr(self) -> Any:
        if self._cloud is None:
            raise ProviderError("no local cloud is running")
        import boto3  # noqa: PLC0415 - a preview needs none of it
        from botocore.config import Config  # noqa: PLC0415

        return boto3.client(
            "ecr",
            endpoint_url=self._cloud.aws_endpoint,
            region_name=self._cloud.region,
            aws_access_key_id=self._cloud.aws_access_key_id,
            aws_secret_access_key=self._cloud.aws_secret_access_key,
            config=Config(proxies={}),
        )

    def _push(self, image: Image, tag: str) -> None:
        """Upload config, layer and manifest, as `docker push` does."""
        repository, ecr = _repository(tag), self._ecr
        try:
            for blob in (image.config, image.layer):
                upload = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
                ecr.upload_layer_part(
                    repositoryName=repository,
                    uploadId=upload,
                    partFirstByte=0,
                    partLastByte=len(blob) - 1,
                    layerPartBlob=blob,
                )
                ecr.complete_layer_upload(repositoryName=repository, uploadId=upload, layerDigests=[digest_of(blob)])
            ecr.put_image(
                repositoryName=repository,
                imageManifest=image.manifest.decode(),
                imageManifestMediaType=MANIFEST_TYPE,
                imageTag=_tag(tag),
                imageDigest=image.digest,
            )
        except ClientError as error:
            if image.digest not in self._digests_of(tag):  # otherwise the image has already been pushed
                raise ProviderError(f"image not pushed to {tag}: {error.response['Error']['Message']}") from error
        except BotoCoreError as error:
            raise ProviderError(f"image not pushed to {tag}: {error}") from error

    def _pushed(self, digest: str, inputs: Properties) -> list[bool]:
        return [digest in self._digests_of(tag) for tag in inputs.get("tags") or []]

    def _digests_of(self, tag: str) -> list[str]:
        """Return the digest of a tag in its repository as a list; the list is empty if the tag does not exist."""
        try:
            images = self._ecr.describe_images(repositoryName=_repository(tag), imageIds=[{"imageTag": _tag(tag)}])
        except (self._ecr.exceptions.ImageNotFoundException, self._ecr.exceptions.RepositoryNotFoundException):
            return []
        return [detail["imageDigest"] for detail in images["imageDetails"]]


def _reference(inputs: Properties, digest: str) -> str:
    """Return `<tag>@<digest>` with the first tag; empty if there is no tag."""
    tags = inputs.get("tags") or []
    if is_unknown(tags) or is_unknown(digest):
        return UNKNOWN
    return f"{tags[0]}@{digest}" if tags else ""


def _repository(tag: str) -> str:
    """Return the repository name in a tag such as 123456789012.dkr.ecr.eu-central-1.amazonaws.com/drydock/api:v1."""
    return tag.partition("/")[2].partition(":")[0]


def _tag(tag: str) -> str:
    return tag.rpartition("/")[2].partition(":")[2] or "latest"
