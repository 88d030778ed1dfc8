"""The behaviour of the routes of every resource: each method serves one request, given its validated values.

Responses to reads are kept. While the database is unavailable they are returned again, marked as stale.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import orjson
import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import Response

from app.core.http.etags import etag
from app.core.http.preconditions import is_conditional, last_modified, not_modified
from app.core.http.problems import found
from app.core.postgres.outages import DATABASE_UNAVAILABLE
from app.core.resilience.stale import MAX_QUERY_BYTES, StaleResponses
from app.resources.idempotency import StoredResponse, idempotency_key, idempotent
from app.resources.pages import PageParams, read_page
from app.resources.table import Table

T = TypeVar("T")
_Write = Awaitable[DictRow | None]


class Resource:
    """One table over HTTP. `path` begins the links, such as `/api/v1/items`; `noun` names one entry in messages."""

    def __init__(self, table: Table, path: str, noun: str, stale: StaleResponses) -> None:
        self._table = table
        self._scope = table.spec.name
        self._path = path
        self._noun = noun
        self._stale = stale

    async def create(self, request: Request, values: Mapping[str, Any]) -> Response:
        """Create an entry and return it: 201 with `Location` and `ETag`."""
        key = idempotency_key(request)
        if key is None:
            response = self._created(await self._table.create(values)).response()
        else:
            response = await self._create_once(key, await request.body(), values)
        response.headers["ETag"] = etag(1)  # also of a stored response: it is about the entry when it was created
        return response

    async def read(self, request: Request, id: int) -> Response:
        """Return the entry and its `ETag`; 304 if the client has it."""
        key = (self._scope, id)
        try:
            row = await self._table.read(id)
        except DATABASE_UNAVAILABLE as error:
            return self._stale_response(key, error)
        if row is None:
            self._stale.forget(key)
        row = found(row, self._noun, id)
        body, headers = orjson.dumps(row), _validators(row)
        self._stale.remember(key, body, headers)
        if is_conditional(request) and not_modified(request, etag(row["version"]), row["updated_at"]):
            return Response(None, 304, headers)
        return Response(body, 200, headers, media_type="application/json")

    async def page(self, request: Request, params: PageParams) -> Response:
        """Return a page of entries."""
        try:
            page = await read_page(self._table, params)
        except DATABASE_UNAVAILABLE as error:
            return self._stale_response(_list_key(request), error)
        return self._fresh(request, page)

    async def plain_list(self, request: Request, params: PageParams, url: str) -> Response:
        """Return a page as a plain list; a `Link` header points to the next page."""
        try:
            page = await read_page(self._table, params)
        except DATABASE_UNAVAILABLE as error:
            return self._stale_response(_list_key(request), error)
        cursor = page["next_cursor"]
        headers = {"Link": f'<{url}?limit={params.limit}&cursor={cursor}>; rel="next"'} if cursor else None
        return self._fresh(request, page["items"], headers)

    async def replace(self, request: Request, id: int, values: Mapping[str, Any]) -> Response:
        """Replace the entry and return it with its `ETag`; 412 if a precondition fails."""
        row = await self._write(request, id, lambda versions: self._table.update(id, values, versions))
        return Response(orjson.dumps(row), 200, _validators(row), media_type="application/json")

    async def delete(self, request: Request, id: int) -> Response:
        """Delete the entry: 204; 412 if a precondition fails."""
        await self._write(request, id, lambda versions: self._table.delete(id, versions))
        return Response(None, 204)

    async def _create_once(self, key: str, body: bytes, values: Mapping[str, Any]) -> Response:
        async def make(connection: AsyncConnection[DictRow]) -> StoredResponse:
            return self._created(await self._table.create(values, connection))

        return await idempotent(self._table.database, self._scope, key, body, make)

    def _created(self, row: DictRow) -> StoredResponse:
        return StoredResponse(status=201, body=orjson.dumps(row), location=f"{self._path}/{row['id']}")

    def _fresh(self, request: Request, content: Any, headers: Mapping[str, str] | None = None) -> Response:
        body = orjson.dumps(content)
        if len(request.scope["query_string"]) <= MAX_QUERY_BYTES:
            self._stale.remember(_list_key(request), body, headers)
        return Response(body, 200, headers, media_type="application/json")

    def _stale_response(self, key: Any, error: Exception) -> Response:
        response = self._stale.get(key)
        if response is None:
            raise error
        return response

    async def _forgetting(self, id: int, write: Awaitable[T]) -> T:
        try:
            result = await write
        except PoolTimeout:
            raise  # the statement was never sent
        except (psycopg.OperationalError, psycopg.InterfaceError):
            self._stale.forget((self._scope, id))  # the write may have taken effect
            raise
        self._stale.forget((self._scope, id))
        return result

    async def _write(self, request: Request, id: int, write: Callable[[Sequence[int] | None], _Write]) -> DictRow:
        if not is_conditional(request):
            return found(await self._forgetting(id, write(None)), self._noun, id)
        while True:
            current = found(await self._table.read(id), self._noun, id)
            not_modified(request, etag(current["version"]), current["updated_at"])
            row = await self._forgetting(id, write([current["version"]]))
            if row is not None:
                return row
            # Another client wrote in between: evaluate the preconditions again on the current version.


def _validators(row: DictRow) -> dict[str, str]:
    return {"ETag": etag(row["version"]), "Last-Modified": last_modified(row["updated_at"])}


def _list_key(request: Request) -> tuple[str, bytes]:
    return request.scope["path"], request.scope["query_string"]
