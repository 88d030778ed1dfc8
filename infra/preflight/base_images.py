"""Check of the base images that the image of the service is built from."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from infra.base_images.dockerfile import Base, read_bases
from infra.errors import InputError
from infra.preflight.finding import Finding

CURRENT_DAYS = 30
"""Official images of Debian are rebuilt at least monthly: https://github.com/docker-library/faq#image-building."""


def base_images(dockerfile: Path, today: date) -> Iterator[Finding]:
    """Check that each base image has a digest that was resolved in the last CURRENT_DAYS days.

    An old or missing digest does not prevent a deployment, so the verdict is "unknown": whether the image has the
    latest fixes, or which image a build gets.

    Args:
        dockerfile: its path.
        today: the current day.
    """
    try:
        bases = read_bases(dockerfile.read_bytes().decode(), f"{dockerfile.parent.name}/{dockerfile.name}")
    except (InputError, OSError, UnicodeDecodeError) as error:
        yield Finding(
            check="base image",
            verdict="unknown",
            found="the base images are unknown",
            accepted="a Dockerfile that `drydock base-images` can read",
            remedy=f"correct the file: {error}",
        )
        return
    for base in bases:
        found, remedy = _judge(base, today)
        yield Finding(
            check="base image",
            verdict="unknown" if remedy else "ok",
            found=f"{base.argument} {base.tag}: {found}",
            accepted=f"resolved in the last {CURRENT_DAYS} days",
            remedy=remedy,
        )


def _judge(base: Base, today: date) -> tuple[str, str]:
    """Return the status of a base image and what to do; "" if it is current."""
    if base.resolved is None:
        return "not resolved", "a build gets the tag's image of that moment; run: drydock base-images --renew"
    days = (today - base.resolved).days
    found = f"resolved on {base.resolved}, {days} days ago"
    if days <= CURRENT_DAYS:
        return found, ""
    return found, (
        "fixes of the image since then are missing; run: drydock base-images --renew (a tag without a newer image "
        "keeps its digest and its day)"
    )
