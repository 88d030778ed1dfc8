"""The identity provider of a rehearsal, which serves keys on loopback and signs the token of the rehearsal."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from infra.engine.stack_file_copy import Overrides
from stacks.settings.service import AuthSettings

LIFETIME_SECONDS = 3600
KEY_ID = "rehearsal"
SCOPE = "jobs:write"


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """The URL of the keys, and a token signed with one."""

    instead_of: str
    """The URL in the settings of the stack."""
    jwks_url: str
    token: str
    """Valid for an hour, for the issuer and the audience of the stack."""


def overrides(issuer: Issuer | None) -> Overrides:
    """Return the setting that makes the service use the keys of this issuer."""
    return {("drydock:service", "auth", "jwksUrl"): issuer.jwks_url} if issuer else {}


@contextmanager
def replacing(auth: AuthSettings | None) -> Iterator[Issuer | None]:
    """Replace the identity provider of a stack, from which a rehearsal has no token; None without one."""
    if auth is None:
        yield None
        return
    # PyJWT and its cryptography take 10 MB, and few commands need them.
    import jwt  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from jwt.algorithms import ECAlgorithm  # noqa: PLC0415

    private = ec.generate_private_key(ec.SECP256R1())
    entry = {**ECAlgorithm.to_jwk(private.public_key(), as_dict=True), "kid": KEY_ID, "use": "sig", "alg": "ES256"}
    keys = json.dumps({"keys": [entry]}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(keys)))
            self.end_headers()
            self.wfile.write(keys)

        def log_message(self, *_: object) -> None:
            """Log nothing: the progress is on stderr."""

    claims = {
        "iss": auth.issuer,
        "aud": auth.audience,
        "sub": "rehearsal",
        "exp": int(time.time()) + LIFETIME_SECONDS,
        "scope": SCOPE,
    }
    token = jwt.encode(claims, private, "ES256", headers={"kid": KEY_ID})
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Issuer(instead_of=auth.jwks_url, token=token, jwks_url=f"http://127.0.0.1:{server.server_port}/jwks.json")
    finally:
        server.shutdown()
        server.server_close()
