"""Digests of image references from a registry. Real: HTTP to a registry on loopback."""

from collections.abc import Callable, Iterator

import pytest

from infra.base_images.registry import parse_reference, resolve
from infra.errors import DrydockError, InputError, OperationError
from tests.support.ports import free_port
from tests.support.registry import MANIFEST, Registry, registry

BOTH = ("linux/amd64", "linux/arm64")


@pytest.fixture
def served() -> Iterator[Registry]:
    with registry() as found:
        yield found


@pytest.mark.parametrize("tokens", [False, True], ids=["open", "anonymous token"])
@pytest.mark.parametrize("arm", ["linux/arm64", "linux/arm64/v8"])
def test_gives_the_digest_of_the_index(served: Registry, tokens: bool, arm: str) -> None:
    """It is the digest for all platforms, so that a stack may change its platform."""
    served.tokens = tokens
    digest = served.put("library/python", "3.13", "linux/amd64", arm, "linux/s390x")

    assert resolve(f"{served.host}/library/python:3.13", BOTH) == digest


def test_a_moved_tag_has_another_digest(served: Registry) -> None:
    """After a push to the same tag, the new digest is returned."""
    first = served.put("base", "1", *BOTH)
    assert resolve(f"{served.host}/base:1", BOTH) == first
    second = served.put("base", "1", *BOTH, build=2)
    assert resolve(f"{served.host}/base:1", BOTH) == second != first


REFUSED: dict[str, tuple[Callable[[Registry], object], type[DrydockError], str]] = {
    "no such tag": (lambda one: None, InputError, "has no such image"),
    "one platform": (lambda one: one.put("base", "1", media_type=MANIFEST), InputError, "one platform"),
    "a platform is missing": (lambda one: one.put("base", "1", "linux/amd64"), InputError, "no image for linux/arm64"),
    "not the named digest": (
        lambda one: (one.put("base", "1", *BOTH), setattr(one, "named", f"sha256:{'0' * 64}")),
        OperationError,
        "a manifest with another digest",
    ),
    "an error": (lambda one: setattr(one, "status", 500), OperationError, "returned 500"),
    "forbidden": (lambda one: setattr(one, "status", 403), InputError, "not public"),
    "a login page": (
        lambda one: one.manifests.update({("base", "1"): (b"<html>", "application/vnd.oci.image.index.v1+json")}),
        OperationError,
        "no valid manifest",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_a_faulty_answer_of_the_registry(served: Registry, case: str) -> None:
    """The message names the fault, the image and its registry."""
    prepare, kind, words = REFUSED[case]
    prepare(served)

    with pytest.raises(kind, match=words) as refused:
        resolve(f"{served.host}/base:1", BOTH)
    assert f"{served.host}/base:1" in str(refused.value)


def test_reports_an_unreachable_registry() -> None:
    """A registry that refuses connections fails with a clear message."""
    with pytest.raises(OperationError, match="is unreachable"):
        resolve(f"127.0.0.1:{free_port()}/base:1", BOTH)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("python:3.13", "https://registry-1.docker.io/v2/library/python/manifests/3.13"),
        ("docker.io/python", "https://registry-1.docker.io/v2/library/python/manifests/latest"),
        ("bitnami/python:1", "https://registry-1.docker.io/v2/bitnami/python/manifests/1"),
        ("gcr.io/distroless/base:nonroot", "https://gcr.io/v2/distroless/base/manifests/nonroot"),
        ("mirror:5000/python:1", "https://mirror:5000/v2/python/manifests/1"),
        ("localhost:5000/a/b:1", "http://localhost:5000/v2/a/b/manifests/1"),
    ],
)
def test_reads_references_as_docker_does(text: str, url: str) -> None:
    """Without a host it is Docker Hub, and without a namespace an official image."""
    assert parse_reference(text).url == url


@pytest.mark.parametrize("text", ["", "Python:3.13", "python:", "python:3.13@sha256:0", "https://gcr.io/a", "a b"])
def test_refuses_an_invalid_reference(text: str) -> None:
    """The parser refuses it, before any request."""
    with pytest.raises(InputError, match="is not an image"):
        parse_reference(text)
