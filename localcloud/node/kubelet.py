"""The kubelet's HTTPS endpoint, as far as `kubectl logs` needs it."""

import asyncio
import os
import ssl
from pathlib import Path

from aiohttp import web

from localcloud.certificates import self_signed
from localcloud.files import write_private
from localcloud.node.logs import LogFile, read_tail

FOLLOW_SECONDS = 0.2
CHUNK_BYTES = 64 * 1024


class Kubelet:
    """Serves container logs to the API server, which shows its client certificate."""

    def __init__(self, state: Path, port: int) -> None:
        self._state = state
        self._port = port
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on loopback."""
        app = web.Application()
        app.router.add_get("/containerLogs/{namespace}/{pod}/{container}", self._logs)
        app.router.add_get("/healthz", self._healthz)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, ssl_context=self._tls()).start()

    async def stop(self) -> None:
        """Close the port."""
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
        if authority.exists():  # logs may hold personal data: no other user of the machine reads them here
            context.load_verify_locations(authority)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _logs(self, request: web.Request) -> web.StreamResponse:
        names = request.match_info
        log = LogFile(self._state, names["namespace"], names["pod"], names["container"])
        path = log.previous if request.query.get("previous") == "true" else log.path
        if not path.exists():
            return web.Response(status=404, text=f"no log of container {names['container']} of {names['pod']}\n")
        response = web.StreamResponse(headers={"Content-Type": "text/plain; charset=utf-8"})
        await response.prepare(request)
        lines = request.query.get("tailLines")
        content = read_tail(path, int(lines) if lines else None)
        limit = request.query.get("limitBytes")
        await response.write(content[: int(limit)] if limit else content)
        if request.query.get("follow") == "true":
            await _follow(path, response)
        return response


async def _follow(path: Path, response: web.StreamResponse) -> None:
    """Send what is appended until the client leaves or the container's log is removed or begun anew."""
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        while True:
            if chunk := file.read(CHUNK_BYTES):
                await response.write(chunk)
                continue
            size = _size_if_same(path, file.fileno())
            if size is None:
                return
            if size < file.tell():  # it was cut because it had grown too large
                file.seek(0)
            await asyncio.sleep(FOLLOW_SECONDS)


def _size_if_same(path: Path, descriptor: int) -> int | None:
    """The size of an open file, or None where its path is gone or is another file by now."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size if found.st_ino == os.fstat(descriptor).st_ino else None
