"""The inputs of an image as the builder of the local cloud reads them."""

from pathlib import Path
from typing import Any

from localcloud.errors import CloudError
from localcloud.images.build import DEFAULT_PLATFORM, Image, build
from localcloud.images.containers import content_of, needs_container
from localcloud.protocol.servicer import ProviderError
from localcloud.protocol.values import UNKNOWN, Properties, is_unknown

# Inputs that determine the content of the image; all others determine how it is built or where it is pushed.
CONTENT_INPUTS = ("context", "dockerfile", "buildArgs", "target", "platforms", "labels")


def content(inputs: Properties) -> str:
    """Return the digest of the image, or that of its context if the image must be built in a container to know it."""
    if any(is_unknown(inputs.get(key)) for key in CONTENT_INPUTS):
        return UNKNOWN
    context, dockerfile = paths(inputs)
    whole = settings(inputs)
    try:
        chosen = {key: whole[key] for key in ("build_args", "target", "platform")}
        if needs_container(context, dockerfile, **chosen):
            return content_of(context, dockerfile, [whole])
    except CloudError as error:
        raise ProviderError(str(error)) from error
    return built(inputs).digest


def unbuilt_content(inputs: Properties) -> str:
    """Return the digest of the context and the settings of an image, which is independent of the folder."""
    if any(is_unknown(inputs.get(key)) for key in CONTENT_INPUTS):
        return UNKNOWN
    try:
        return content_of(*paths(inputs), [settings(inputs)])
    except CloudError as error:
        raise ProviderError(str(error)) from error


def built(inputs: Properties) -> Image:
    """Return the image, built without executing RUN."""
    try:
        return build(*paths(inputs), **settings(inputs))
    except CloudError as error:
        raise ProviderError(str(error)) from error


def paths(inputs: Properties) -> tuple[Path, Path]:
    """Return the context folder and the Dockerfile."""
    context = Path((inputs.get("context") or {}).get("location") or ".").resolve()
    dockerfile = (inputs.get("dockerfile") or {}).get("location")
    if (inputs.get("dockerfile") or {}).get("inline"):
        raise ProviderError("dockerfile.inline is not supported by the local cloud; put it in a file")
    return context, Path(dockerfile).resolve() if dockerfile else context / "Dockerfile"


def settings(inputs: Properties) -> dict[str, Any]:
    """Return the arguments of a build besides its paths."""
    return {
        "build_args": inputs.get("buildArgs") or {},
        "target": inputs.get("target") or "",
        "labels": inputs.get("labels") or {},
        "platform": next(iter(inputs.get("platforms") or []), DEFAULT_PLATFORM),
    }
