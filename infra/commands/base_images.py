"""`drydock base-images [--renew]`: list or update the base images of the service's Dockerfile."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from infra.base_images.dockerfile import read_bases, renewed
from infra.base_images.registry import resolve
from infra.engine.places import DOCKERFILE, ROOT
from infra.errors import InputError

PLATFORMS = ("linux/amd64", "linux/arm64")  # the platforms of a stack


def base_images(
    renew: Annotated[
        bool, typer.Option("--renew", help="Resolve the tags at the registries, and write the digests into the file.")
    ] = False,
) -> None:
    """List the base images of the service, with their digests and the dates of resolution."""
    try:
        text = DOCKERFILE.read_bytes().decode()
    except UnicodeDecodeError:
        raise InputError(f"{DOCKERFILE.relative_to(ROOT)} is not UTF-8; save it as UTF-8") from None
    name = str(DOCKERFILE.relative_to(ROOT))
    if renew:
        # All or nothing: nothing is written before every tag is resolved.
        digests = {base.argument: resolve(base.tag, PLATFORMS) for base in read_bases(text, name)}
        text = renewed(text, digests, datetime.now(UTC).date(), name)
        DOCKERFILE.write_bytes(text.encode())
    for base in read_bases(text, name):
        known = f"{base.digest}  resolved on {base.resolved}" if base.digest else "not resolved"
        print(f"{base.argument}  {base.tag}  {known}")
