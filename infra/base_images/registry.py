"""Ask a container registry for the digest that a tag names, by the OCI distribution protocol.

Only what https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests says, and the
anonymous token that Docker Hub and others ask for (https://distribution.github.io/distribution/spec/auth/token/). No
client library is small enough for one request.
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from infra.errors import InputError, OperationError

INDEX_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
MANIFEST_TYPES = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
DOCKER_HUB = "registry-1.docker.io"
TIMEOUT_SECONDS = 20
MAX_BYTES = 4_000_000  # what the specification has registries take as a manifest
_NAME = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?:(?P<host>localhost(?::\d+)?|[\w-]+(?:\.[\w-]+)+(?::\d+)?|[\w-]+:\d+)/)?"
    rf"(?P<name>{_NAME}(?:/{_NAME})*)(?::(?P<tag>\w[\w.-]{{0,127}}))?"
)
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Where a tag is."""

    host: str
    """Registry with its port, such as `gcr.io`."""
    name: str
    """Repository, such as `library/python`."""
    tag: str

    @property
    def url(self) -> str:
        """Of the manifest. A registry on loopback speaks plain HTTP, as Docker takes it too."""
        return f"{'http' if _is_loopback(self.host) else 'https'}://{self.host}/v2/{self.name}/manifests/{self.tag}"


def parse_reference(text: str) -> Reference:
    """Read a reference as Docker does: without a host it is Docker Hub's, without a folder an official image there.

    Raises:
        InputError: it is no reference with a tag.
    """
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise InputError(f"{text!r} is not an image; write [HOST/]NAME[:TAG] in lower case, such as python:3.13-slim")
    host, name = match["host"], match["name"]
    if host in {None, "docker.io"}:
        host, name = DOCKER_HUB, name if "/" in name else f"library/{name}"
    return Reference(host=host, name=name, tag=match["tag"] or "latest")


def resolve(text: str, platforms: Collection[str]) -> str:
    """Return the digest of the index that a tag names, `sha256:...`, which holds an image for each platform.

    Args:
        text: reference with a tag.
        platforms: such as `linux/amd64`; each has to be there.

    Raises:
        InputError: it is no reference, or its registry has no such image for these platforms.
        OperationError: the registry cannot be asked, or gives a wrong answer.
    """
    reference = parse_reference(text)
    body, headers = _manifest(text, reference)
    digest = f"sha256:{sha256(body).hexdigest()}"
    if headers.get("Docker-Content-Digest", digest) != digest:
        raise OperationError(f"{text}: {reference.host} sent another manifest than it names; try again later")
    try:
        index: Any = json.loads(body)
        media_type = index.get("mediaType") or headers.get("Content-Type", "").partition(";")[0]
        found = {_platform(one["platform"]) for one in index.get("manifests", ()) if "platform" in one}
    except (ValueError, AttributeError, KeyError, TypeError):
        raise OperationError(f"{text}: {reference.host} sent something else than a manifest") from None
    if media_type not in INDEX_TYPES:
        raise InputError(f"{text} is an image of one platform; name one that is built for {', '.join(platforms)}")
    if missing := [platform for platform in platforms if platform not in found]:
        raise InputError(f"{text} has no image for {', '.join(missing)}; it has {', '.join(sorted(found)) or 'none'}")
    return digest


def _manifest(text: str, reference: Reference) -> tuple[bytes, Any]:
    accept = {"Accept": ", ".join((*INDEX_TYPES, *MANIFEST_TYPES))}
    try:
        try:
            return _get(reference.url, accept)
        except HTTPError as error:
            token = _token(error.headers.get("WWW-Authenticate", "")) if error.code == 401 else None
            if token is None:
                raise
            return _get(reference.url, {**accept, "Authorization": f"Bearer {token}"})
    except HTTPError as error:
        if error.code in {401, 403, 404}:
            raise InputError(f"{text}: {reference.host} has no such image, or not for everybody") from None
        raise OperationError(f"{text}: {reference.host} answered {error.code}; try again later") from None
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise OperationError(f"{text}: {reference.host} cannot be reached ({reason}); nothing was changed") from None


def _token(challenge: str) -> str | None:
    """An anonymous token, as the registry's challenge asks for; None where it asks for something else."""
    scheme, _, rest = challenge.partition(" ")
    wanted = dict(_CHALLENGE.findall(rest))
    realm = wanted.pop("realm", "")
    if scheme.lower() != "bearer" or not realm.startswith(("https://", "http://127.", "http://localhost")):
        return None
    body, _ = _get(f"{realm}?{urlencode(wanted)}", {})
    try:
        answer = json.loads(body)
        token = answer.get("token") or answer.get("access_token")
    except (ValueError, AttributeError):
        return None
    return str(token) if token else None


def _get(url: str, headers: dict[str, str]) -> tuple[bytes, Any]:
    with urlopen(Request(url, headers=headers), timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - http(s) alone
        body: bytes = answer.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise OSError(f"more than {MAX_BYTES} bytes")
        return body, answer.headers


def _platform(platform: dict[str, str]) -> str:
    """`os/architecture[/variant]`. Of arm64 there is one variant, v8, which is not always said."""
    parts = [platform["os"], platform["architecture"], platform.get("variant", "")]
    return "/".join(part for part in parts if part and (part != "v8" or parts[1] != "arm64"))


def _is_loopback(host: str) -> bool:
    name = host.rpartition(":")[0] or host
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
