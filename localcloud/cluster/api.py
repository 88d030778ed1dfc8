"""A minimal asynchronous client of the API server, which takes and returns plain JSON objects."""

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import aiohttp

Manifest = dict[str, Any]

CALL_SECONDS = 30
# The server ends a watch after this time; bookmarks arrive each minute, so a longer silence means a dead connection.
WATCH_SECONDS = 300
SILENCE_SECONDS = 100
# One line of a watch is one object. A Secret may have 1 MiB of data, plus the overhead of base64 and managed fields.
MAX_LINE_BYTES = 4 * 1024 * 1024

STRATEGIC_MERGE = "application/strategic-merge-patch+json"
JSON_MERGE = "application/merge-patch+json"


class ApiError(Exception):
    """The API server rejected a request; `code` is the HTTP status, `reason` a Kubernetes reason such as `NotFound`."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


# Exceptions that a call may raise while the API server is restarting.
UNREACHABLE = (aiohttp.ClientError, ConnectionError, TimeoutError)


class ApiClient:
    """A client of one API server; use as an async context manager."""

    def __init__(self, server: str, token: str, ca_pem: str) -> None:
        self._server = server
        self._token = token
        self._tls = ssl.create_default_context(cadata=ca_pem)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "ApiClient":
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {self._token}", "User-Agent": "drydock-node"},
            connector=aiohttp.TCPConnector(ssl=self._tls, limit=0),
            timeout=aiohttp.ClientTimeout(total=CALL_SECONDS),
            read_bufsize=MAX_LINE_BYTES,
        )
        return self

    async def __aexit__(self, *_exc: object) -> None:
        if self._session:
            await self._session.close()

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Manifest:
        """Read an object or a collection."""
        return await self._call("GET", path, params=params)

    async def create(self, path: str, body: Manifest) -> Manifest:
        """Create an object in its collection."""
        return await self._call("POST", path, body)

    async def patch(self, path: str, body: Manifest, content_type: str = STRATEGIC_MERGE) -> Manifest:
        """Patch an object or its subresource."""
        return await self._call("PATCH", path, body, content_type)

    async def delete_now(self, path: str, uid: str) -> None:
        """Delete an object without a grace period, if it still has this uid."""
        body = {"gracePeriodSeconds": 0, "preconditions": {"uid": uid}}
        with suppress(NotFoundError, ConflictError):
            await self._call("DELETE", path, body)

    async def watch(self, path: str, resource_version: str) -> AsyncIterator[Manifest]:
        """Yield events after a resource version, until the server ends the watch.

        Raises:
            ApiError: the watch fails; with code 410 if the resource version is too old.
        """
        params = {
            "watch": "true",
            "resourceVersion": resource_version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(WATCH_SECONDS),
        }
        timeout = aiohttp.ClientTimeout(total=None, sock_read=SILENCE_SECONDS)
        async with self._open.get(self._server + path, params=params, timeout=timeout) as response:
            if response.status >= 400:
                raise _error(response.status, await response.read())
            async for line in response.content:
                event = json.loads(line)
                if event["type"] == "ERROR":
                    status = event["object"]
                    raise ApiError(status.get("code", 500), status.get("reason", ""), status.get("message", ""))
                yield event

    @property
    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("use the client as a context manager")
        return self._session

    async def _call(
        self,
        method: str,
        path: str,
        body: Manifest | None = None,
        content_type: str = "application/json",
        params: Mapping[str, str] | None = None,
    ) -> Manifest:
        data = None if body is None else json.dumps(body).encode()
        async with self._open.request(
            method, self._server + path, data=data, params=params, headers={"Content-Type": content_type}
        ) as response:
            content = await response.read()
            if response.status >= 400:
                raise _error(response.status, content)
            result: Manifest = json.loads(content)
            return result


class NotFoundError(ApiError):
    """The object does not exist."""


class ConflictError(ApiError):
    """The object already exists, or a precondition such as the uid does not match."""


def _error(code: int, content: bytes) -> ApiError:
    try:
        status = json.loads(content)
        reason, message = status.get("reason", ""), status.get("message", "")
    except (ValueError, AttributeError):
        reason, message = "", content[:200].decode(errors="replace")
    kind = {404: NotFoundError, 409: ConflictError}.get(code, ApiError)
    return kind(code, reason, message)
