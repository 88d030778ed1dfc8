"""Resolve a tag to a digest at a container registry, with the OCI distribution protocol.

Implements https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests and the
anonymous token of Docker Hub and others (https://distribution.github.io/distribution/spec/auth/token/). No
small client library for this one request exists.
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
MAX_BYTES = 4_000_000  # maximum size of a manifest in the specification
_NAME = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?:(?P<host>localhost(?::\d+)?|[\w-]+(?:\.[\w-]+)+(?::\d+)?|[\w-]+:\d+)/)?"
    rf"(?P<name>{_NAME}(?:/{_NAME})*)(?::(?P<tag>\w[\w.-]{{0,127}}))?"
)
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Registry and repository of a tag."""

    host: str
    """Registry with its port, such as `gcr.io`."""
    name: str
    """Repository, such as `library/python`."""
    tag: str

    @property
    def url(self) -> str:
        """URL of the manifest. A registry on loopback uses plain HTTP, as in Docker."""
        return f"{'http' if _is_loopback(self.host) else 'https'}://{self.host}/v2/{self.name}/manifests/{self.tag}"


def parse_reference(text: str) -> Reference:
    """Parse a reference as Docker does: the default host is Docker Hub, and a name without a folder an official image.

    Raises:
        InputError: it is not a reference with a tag.
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
        platforms: such as `linux/amd64`; all are required.

    Raises:
        InputError: it is not a reference, or the registry has no such image for these platforms.
        OperationError: the registry is unreachable or returns an invalid response.
    """
    reference = parse_reference(text)
    body, headers = _manifest(text, reference)
    digest = f"sha256:{sha256(body).hexdigest()}"
    if headers.get("Docker-Content-Digest", digest) != digest:
        raise OperationError(f"{text}: {reference.host} sent a manifest with another digest; try again later")
    try:
        index: Any = json.loads(body)
        media_type = index.get("mediaType") or headers.get("Content-Type", "").partition(";")[0]
        found = {_platform(one["platform"]) for one in index.get("manifests", ()) if "platform" in one}
    except (ValueError, AttributeError, KeyError, TypeError):
        raise OperationError(f"{text}: {reference.host} returned no valid manifest") from None
    if media_type not in INDEX_TYPES:
        raise InputError(f"{text} is an image for one platform; use one that is built for {', '.join(platforms)}")
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
            raise InputError(f"{text}: {reference.host} has no such image, or it is not public") from None
        raise OperationError(f"{text}: {reference.host} returned {error.code}; try again later") from None
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise OperationError(f"{text}: {reference.host} is unreachable ({reason}); nothing was changed") from None


def _token(challenge: str) -> str | None:
    """Return an anonymous token for the challenge of a registry; None if it requires something else."""
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
    """Return `os/architecture[/variant]`. The only variant of arm64, v8, is often omitted."""
    parts = [platform["os"], platform["architecture"], platform.get("variant", "")]
    return "/".join(part for part in parts if part and (part != "v8" or parts[1] != "arm64"))


def _is_loopback(host: str) -> bool:
    name = host.rpartition(":")[0] or host
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
