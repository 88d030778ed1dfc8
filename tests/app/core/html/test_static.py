"""Static files: what is there, and nothing else."""

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


async def test_a_file_named_by_its_content_is_cached_without_expiry(client: httpx.AsyncClient) -> None:
    """The page that names it is made again each time."""
    response = await client.get(SHARED.url("style.css"))

    assert response.content == (SHARED.folder / "style.css").read_bytes()
    assert response.headers["content-type"] == "text/css; charset=utf-8"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("query", ["", "?v=0123456789abcdef"])
async def test_a_file_without_its_digest_is_revalidated(client: httpx.AsyncClient, query: str) -> None:
    """A page of another release names another content."""
    response = await client.get(f"/static/style.css{query}")

    assert (response.status_code, response.headers["cache-control"]) == (200, "no-cache")


async def test_a_browser_that_has_it_gets_no_body(client: httpx.AsyncClient) -> None:
    """304 by the ETag."""
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
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    """No listing, and no way out of the folder."""
    assert (await client.get(f"/static{path}")).status_code == 404


def test_every_file_has_a_type() -> None:
    """With nosniff a browser ignores a style sheet of another type."""
    folders = list(Path(package.__file__).parent.rglob("static"))
    types = {file.media_type for folder in folders for file in StaticFiles(folder).files.values()}
    assert {"text/css"} < types <= {"text/css", "text/javascript", "image/svg+xml"}


def test_rejects_the_url_of_a_file_that_is_not_there() -> None:
    """A page with a dead link fails its test, not its reader."""
    with pytest.raises(KeyError):
        SHARED.url("no-such.css")
