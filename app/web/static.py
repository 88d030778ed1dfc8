"""`/static`: a handful of files, held in memory. A page names them by content, so a browser may keep them for good."""

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from app.preconditions import not_modified

STATIC = Path(__file__).parent / "static"
_FOR_GOOD = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"


@dataclass(frozen=True, kw_only=True)
class StaticFile:
    """One file as it is sent."""

    content: bytes
    media_type: str
    digest: str
    """The first 16 hex digits of the SHA-256 of the content."""


@cache
def static_files() -> dict[str, StaticFile]:
    """Return the files by name. Only what is in the folder now can ever be asked for: no path is ever made up."""
    return {path.name: _read(path) for path in sorted(STATIC.iterdir()) if path.is_file()}


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    return StaticFile(
        content=content,
        media_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        digest=hashlib.sha256(content).hexdigest()[:16],
    )


def static_url(name: str) -> str:
    """Return the path of a file, with its digest. Raises KeyError for a file that is not there."""
    return f"/static/{name}?v={static_files()[name].digest}"


def static_router() -> APIRouter:
    """Return the route."""
    router = APIRouter(include_in_schema=False)

    @router.get("/static/{name}")
    async def static_file(request: Request, name: str) -> Response:
        file = static_files().get(name)
        if file is None:
            raise HTTPException(404)
        etag = f'"{file.digest}"'
        # After a release a page of the new pod may reach an old one: what is not the content named is not kept.
        named = request.query_params.get("v") == file.digest
        headers = {"ETag": etag, "Cache-Control": _FOR_GOOD if named else _ASK_FIRST}
        if not_modified(request, etag):
            return Response(None, 304, headers)
        return Response(file.content, 200, headers, media_type=file.media_type)

    return router
