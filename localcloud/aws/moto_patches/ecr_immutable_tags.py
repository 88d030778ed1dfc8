"""moto refuses another image for an immutable tag with the error code for pushing the same image twice.

ECR has two codes: ImageAlreadyExistsException if nothing would change, and ImageTagAlreadyExistsException if the tag
belongs to another image and the tags of the repository are immutable
(https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html).

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.core.exceptions import ServiceException
from moto.ecr.exceptions import ImageAlreadyExistsException
from moto.ecr.models import ECRBackend

from localcloud.aws.moto_patches.patch import Changes, Patch


class ImageTagAlreadyExistsError(ServiceException):  # type: ignore[misc]  # moto has no types
    """The tag belongs to another image and is immutable."""

    code = "ImageTagAlreadyExistsException"


def apply(changes: Changes) -> None:
    """Patch moto."""

    def put_image(
        self: Any, repository_name: str, image_manifest: str, image_tag: str, *more: Any, **named: Any
    ) -> Any:
        try:
            return put(self, repository_name, image_manifest, image_tag, *more, **named)
        except ImageAlreadyExistsException:
            images = self.repositories[repository_name].images
            if any(image_tag in image.image_tags and image.image_manifest == image_manifest for image in images):
                raise
            raise ImageTagAlreadyExistsError(
                f"The image tag '{image_tag}' already exists in the '{repository_name}' repository and cannot be "
                "overwritten because the tag is immutable."
            ) from None

    put = changes.put(ECRBackend, "put_image", put_image)


PATCH = Patch(name="ecr_immutable_tags", apply=apply)
