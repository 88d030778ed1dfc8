"""A key server on loopback, and tokens signed by its keys."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from app.security.auth import Auth
from app.settings import Settings

ISSUER, AUDIENCE = "https://issuer.example", "drydock"
NOTHING = "postgresql://nobody@127.0.0.1:1/nothing"


class Signer:
    """A private key, its entry in a key set, and tokens signed by it."""

    def __init__(self, kid: str | None, private: Any, algorithm: str, entry: dict[str, Any]) -> None:
        self.kid, self.private, self.algorithm = kid, private, algorithm
        self.entry = {**entry, "use": "sig"} | ({"kid": kid} if kid is not None else {})

    def token(self, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        """Return a valid token with these claims replaced; None removes a claim."""
        now = time.time()
        usual = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "somebody",
            "exp": now + 600,
            "scope": "items:write users:write",
        }
        kept = {name: value for name, value in (usual | claims).items() if value is not None}
        kid = {"kid": self.kid} if self.kid is not None else {}
        return jwt.encode(kept, self.private, self.algorithm, headers={**kid, **(headers or {})})


def rsa_signer(kid: str | None, bits: int = 2048) -> Signer:
    private = rsa.generate_private_key(65537, bits)
    return Signer(kid, private, "RS256", RSAAlgorithm.to_jwk(private.public_key(), as_dict=True))


def ec_signer(kid: str, curve: ec.EllipticCurve | None = None) -> Signer:
    private = ec.generate_private_key(curve or ec.SECP256R1())
    return Signer(kid, private, "ES256", ECAlgorithm.to_jwk(private.public_key(), as_dict=True))


def ed_signer(kid: str) -> Signer:
    private = ed25519.Ed25519PrivateKey.generate()
    return Signer(kid, private, "EdDSA", OKPAlgorithm.to_jwk(private.public_key(), as_dict=True))


class KeyServer:
    """Serves a key set with the status `status`."""

    def __init__(self) -> None:
        self.body = b""
        self.status = 200
        self.requests = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.requests += 1
                self.send_response(server.status)
                self.send_header("Content-Length", str(len(server.body)))
                self.end_headers()
                self.wfile.write(server.body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/keys"

    def serve(self, *signers: Signer) -> None:
        self.body = json.dumps({"keys": [signer.entry for signer in signers]}).encode()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class Clock:
    """A clock that is set by the test."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="session")
def signer() -> Signer:
    return rsa_signer("first")


@pytest.fixture
def key_server(signer: Signer) -> Iterator[KeyServer]:
    server = KeyServer()
    server.serve(signer)
    yield server
    server.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def auth_settings(key_server: KeyServer) -> Settings:
    return Settings(database_url=NOTHING, auth_jwks_url=key_server.url, auth_issuer=ISSUER, auth_audience=AUDIENCE)


@pytest.fixture
def auth(auth_settings: Settings) -> Auth:
    return Auth(auth_settings)
