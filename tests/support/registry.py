"""A container registry on loopback: the part of the OCI distribution protocol for pulls of manifests, with tokens."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
TOKEN = "anonymous-token"


@dataclass
class Registry:
    """The manifests and the behaviour of the registry."""

    host: str
    manifests: dict[tuple[str, str], tuple[bytes, str]] = field(default_factory=dict)
    """Repository and tag -> body and media type."""
    tokens: bool = False
    """Whether it requires an anonymous token."""
    named: str | None = None
    """The digest that it returns; the right one by default."""
    status: int | None = None
    """An answer that replaces all others."""
    asked: list[str] = field(default_factory=list)

    def put(self, name: str, tag: str, *platforms: str, build: int = 1, media_type: str = INDEX) -> str:
        """Set a tag to an index of these platforms, and return its digest."""
        document = {"schemaVersion": 2, "mediaType": media_type, "annotations": {"build": str(build)}}
        if media_type == INDEX:
            document["manifests"] = [{"digest": "sha256:0", "platform": _platform(one)} for one in platforms]
        body = json.dumps(document).encode()
        self.manifests[name, tag] = body, media_type
        return f"sha256:{sha256(body).hexdigest()}"


def _platform(text: str) -> Mapping[str, str]:
    return dict(zip(("os", "architecture", "variant"), text.split("/"), strict=False))


@contextmanager
def registry() -> Iterator[Registry]:
    """Run a registry on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            if state.status:
                self._answer(state.status, b"{}")
            elif self.path.startswith("/token?"):
                wanted = parse_qs(urlsplit(self.path).query)
                known = wanted.get("service") == ["loopback"] and "scope" in wanted
                self._answer(200, json.dumps({"token": TOKEN}).encode() if known else b"{}")
            elif state.tokens and self.headers.get("Authorization") != f"Bearer {TOKEN}":
                where = f'realm="http://{state.host}/token",service="loopback",scope="repository:x:pull"'
                self._answer(401, b"{}", {"WWW-Authenticate": f"Bearer {where}"})
            else:
                self._manifest()

        def _manifest(self) -> None:
            name, _, tag = self.path.removeprefix("/v2/").partition("/manifests/")
            body, media_type = state.manifests.get((name, tag), (b"", ""))
            # Without an index in Accept, a registry may return the image of one platform.
            if not body or media_type not in self.headers.get("Accept", ""):
                self._answer(404, b"{}")
                return
            digest = state.named or f"sha256:{sha256(body).hexdigest()}"
            self._answer(200, body, {"Docker-Content-Digest": digest, "Content-Type": media_type})

        def _answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Registry(host=f"127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
