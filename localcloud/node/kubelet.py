"""The part of the kubelet's HTTPS endpoint that `kubectl logs` needs."""

import asyncio
import os
import ssl
import time
from pathlib import Path
from typing import IO

from aiohttp import web

from localcloud.certificates import self_signed
from localcloud.files import write_private
from localcloud.node import log_times
from localcloud.node.log_query import LogQuery, QueryError
from localcloud.node.logs import LogFile

FOLLOW_SECONDS = 0.2
CHUNK_BYTES = 64 * 1024


class Kubelet:
    """Serves container logs to the API server, which authenticates with its client certificate."""

    def __init__(self, state: Path, port: int) -> None:
        self._state = state
        self._port = port
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Start listening on the loopback address."""
        app = web.Application()
        app.router.add_get("/containerLogs/{namespace}/{pod}/{container}", self._logs)
        app.router.add_get("/healthz", self._healthz)
        for refused in ("exec", "attach", "portForward"):
            app.router.add_route("*", f"/{refused}/{{rest:.*}}", self._refuse)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, ssl_context=self._tls()).start()

    async def stop(self) -> None:
        """Stop listening and close open connections."""
        if self._runner:
            await self._runner.cleanup()

    def _tls(self) -> ssl.SSLContext:
        folder = self._state / "kubernetes"
        certificate, key, authority = folder / "kubelet.crt", folder / "kubelet.key", folder / "ca.crt"
        if not certificate.exists():
            certificate_pem, key_pem = self_signed("kubelet")
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(key, key_pem)
            write_private(certificate, certificate_pem)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        if authority.exists():  # logs may hold personal data, so other users of the machine must not read them
            context.load_verify_locations(authority)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _logs(self, request: web.Request) -> web.StreamResponse:
        names = request.match_info
        log = LogFile(self._state, names["namespace"], names["pod"], names["container"])
        try:
            query = LogQuery.of(request.query, time.time())
        except QueryError as error:
            return web.Response(status=400, text=f"{error}\n")
        path = log.previous if query.previous else log.path
        if not path.exists():
            return web.Response(status=404, text=f"no log of container {names['container']} of {names['pod']}\n")
        response = web.StreamResponse(headers={"Content-Type": "text/plain; charset=utf-8"})
        await response.prepare(request)
        with path.open("rb") as file:
            content = query.select(file.read(), log_times.read(path))
            await response.write(content)
            if query.follow and not query.previous:
                left = None if query.limit_bytes is None else query.limit_bytes - len(content)
                await _follow(path, file, response, query, left)
        return response

    async def _refuse(self, request: web.Request) -> web.Response:
        """Return a 501 with a Kubernetes Status, which the API server forwards and kubectl shows."""
        message = f"{request.path.split('/')[1]} is not supported by the local cloud: its pods are local processes"
        status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotImplemented"}
        return web.json_response({**status, "code": 501, "message": message}, status=501)


async def _follow(path: Path, file: IO[bytes], response: web.StreamResponse, query: LogQuery, left: int | None) -> None:
    """Send appended data until the client disconnects, the limit is reached, or the log is removed or replaced."""
    part = b""
    while left is None or left > 0:
        if chunk := file.read(CHUNK_BYTES):
            *lines, part = (part + chunk).splitlines(keepends=True) if query.timestamps else (chunk, b"")
            if part.endswith(b"\n"):
                lines, part = [*lines, part], b""
            data = b"".join(query.stamp(line, time.time()) for line in lines)[:left]
            left = None if left is None else left - len(data)
            await response.write(data)
            continue
        size = _size_if_same(path, file.fileno())
        if size is None:
            return
        if size < file.tell():  # the log was truncated because it had grown too large
            file.seek(0)
        await asyncio.sleep(FOLLOW_SECONDS)


def _size_if_same(path: Path, descriptor: int) -> int | None:
    """Return the size of an open file, or None if its path no longer exists or now refers to another file."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size if found.st_ino == os.fstat(descriptor).st_ino else None
