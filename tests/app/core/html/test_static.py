"""Static files: their caching and types, and 404 for all other paths."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

import app as package
from app.core.html.static import SHARED, StaticFiles


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI(redirect_slashes=False)
    app.include_router(SHARED.router())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
        yield client


async def test_a_url_with_the_digest_is_cached_for_a_year(client: httpx.AsyncClient) -> None:
    """Its content cannot change; pages that contain the URL are rendered for each request."""
    response = await client.get(SHARED.url("style.css"))

    assert response.content == (SHARED.folder / "style.css").read_bytes()
    assert response.headers["content-type"] == "text/css; charset=utf-8"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("query", ["", "?v=0123456789abcdef"])
async def test_a_url_without_the_digest_is_revalidated(client: httpx.AsyncClient, query: str) -> None:
    """A page of another release may have the digest of other content."""
    response = await client.get(f"/static/style.css{query}")

    assert (response.status_code, response.headers["cache-control"]) == (200, "no-cache")


async def test_a_matching_etag_gets_304_without_a_body(client: httpx.AsyncClient) -> None:
    """Another ETag gets the whole file."""
    etag = (await client.get("/static/style.css")).headers["etag"]
    response = await client.get("/static/style.css", headers={"If-None-Match": f'"other", W/{etag}'})

    assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", etag)
    assert (await client.get("/static/style.css", headers={"If-None-Match": '"other"'})).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/no-such.css",
        "/../render.py",
        "/..%2Frender.py",
        "/%2e%2e/render.py",
        "/..%5Crender.py",
        "/style.css/",
        "/..",
    ],
)
async def test_other_paths_get_404(client: httpx.AsyncClient, path: str) -> None:
    """There are no listings, and no path leads out of the folder."""
    assert (await client.get(f"/static{path}")).status_code == 404


def test_every_file_has_a_known_media_type() -> None:
    """With nosniff a browser ignores a style sheet of a wrong type."""
    folders = list(Path(package.__file__).parent.rglob("static"))
    types = {file.media_type for folder in folders for file in StaticFiles(folder).files.values()}
    assert {"text/css"} < types <= {"text/css", "text/javascript", "image/svg+xml"}


def test_rejects_the_url_of_a_missing_file() -> None:
    """So a page with a broken link fails when it is rendered."""
    with pytest.raises(KeyError):
        SHARED.url("no-such.css")
