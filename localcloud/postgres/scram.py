"""The client side of SCRAM-SHA-256, with which the endpoint signs in to the real server.

Channel binding is not used, because the connection is on loopback. Sources: RFC 5802 and RFC 7677.
"""

import base64
import hashlib
import hmac
import secrets

MECHANISM = "SCRAM-SHA-256"
_HEADER = "n,,"


class Scram:
    """One authentication exchange. PostgreSQL uses the user name of the startup message, so it is empty here."""

    def __init__(self, password: str, nonce: str = "") -> None:
        self._password = password.encode()
        self._bare = f"n=,r={nonce or secrets.token_urlsafe(18)}"

    def first(self) -> bytes:
        """Return the first message."""
        return (_HEADER + self._bare).encode()

    def final(self, challenge: bytes) -> bytes:
        """Return the response to the server's challenge, with the proof of knowledge of the password."""
        said = challenge.decode()
        fields = dict(part.split("=", 1) for part in said.split(","))
        salt, rounds = base64.b64decode(fields["s"]), int(fields["i"])
        salted = hashlib.pbkdf2_hmac("sha256", self._password, salt, rounds)
        unproved = f"c={base64.b64encode(_HEADER.encode()).decode()},r={fields['r']}"
        key = hmac.digest(salted, b"Client Key", "sha256")
        text = ",".join((self._bare, said, unproved)).encode()
        signature = hmac.digest(hashlib.sha256(key).digest(), text, "sha256")
        proof = bytes(one ^ other for one, other in zip(key, signature, strict=True))
        return f"{unproved},p={base64.b64encode(proof).decode()}".encode()
