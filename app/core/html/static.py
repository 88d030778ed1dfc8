"""`/static`: a few files, held in memory. Pages name them by content, so a browser may cache them for ever."""

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fastapi import APIRouter, Request, Response

from app.core.http.preconditions import not_modified

_IMMUTABLE = "public, max-age=31536000, immutable"
_REVALIDATE = "no-cache"


@dataclass(frozen=True, kw_only=True)
class StaticFile:
    """One file as it is sent."""

    content: bytes
    media_type: str
    digest: str
    """The first 16 hex digits of the SHA-256 of the content."""


class StaticFiles:
    """The files of a folder, which need not exist. Only what is in it at the first use is served."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def files(self) -> dict[str, StaticFile]:
        """The files by name."""
        found = sorted(self.folder.iterdir()) if self.folder.is_dir() else []
        return {path.name: _read(path) for path in found if path.is_file()}

    def url(self, name: str) -> str:
        """Return the path of a file, with its digest. Raises KeyError for an unknown file."""
        return f"/static/{name}?v={self.files[name].digest}"

    def router(self) -> APIRouter:
        """Return one route for each file: no path that a client sends is ever looked up in the file system."""
        router = APIRouter(include_in_schema=False)
        for name, file in self.files.items():
            _add_route(router, name, file)
        return router


SHARED = StaticFiles(Path(__file__).parent / "static")
"""The files that every page uses."""


def _add_route(router: APIRouter, name: str, file: StaticFile) -> None:
    @router.get(f"/static/{name}")
    async def static_file(request: Request) -> Response:
        etag = f'"{file.digest}"'
        # During a rollout a page of the new pod may ask an old one, whose content must not be cached for ever.
        current = request.query_params.get("v") == file.digest
        headers = {"ETag": etag, "Cache-Control": _IMMUTABLE if current else _REVALIDATE}
        if not_modified(request, etag):
            return Response(None, 304, headers)
        return Response(file.content, 200, headers, media_type=file.media_type)


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    return StaticFile(
        content=content,
        media_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        digest=hashlib.sha256(content).hexdigest()[:16],
    )
