"""The public keys that sign bearer tokens, from a JSON Web Key Set (RFC 7517) behind a URL."""

import asyncio
from collections.abc import Callable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from jwt import PyJWK

FRESH_SECONDS = 300.0  # then they are fetched again; the old ones are used meanwhile
RETRY_SECONDS = 10.0  # minimum time between fetches for unknown key ids, which any client can send
TIMEOUT_SECONDS = 2.0
MIN_RSA_BITS = 2048  # RFC 7518, section 3.3

log = structlog.get_logger()

# By the type of the key, never by the token: so a public key is never used as the secret of an HMAC.
_ALGORITHMS = {"RSA": "RS256", "EC P-256": "ES256", "OKP Ed25519": "EdDSA"}


class KeysUnavailableError(Exception):
    """No key set was ever fetched."""


class KeySet:
    """Keys by their id. A failed fetch changes nothing, so tokens are verified while the key server is unavailable."""

    def __init__(self, url: str, clock: Callable[[], float] = monotonic) -> None:
        self._url = url
        self._clock = clock
        self._keys: dict[str | None, PyJWK] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, kid: str | None) -> "PyJWK | None":
        """Return the key; None if there is no such key. Raises KeysUnavailableError if there never were keys.

        A token without a key id is verified with the only key, if there is only one.
        """
        now = self._clock()
        if not self._keys:
            await self._fetch_once()
            if not self._keys:
                raise KeysUnavailableError
        elif now - self._fetched_at > FRESH_SECONDS and now - self._tried_at > RETRY_SECONDS:
            self._start()  # in the background
        key = self._known(kid)
        if key is None and now - self._tried_at > RETRY_SECONDS:
            await self._fetch_once()
            key = self._known(kid)
        return key

    def _known(self, kid: str | None) -> "PyJWK | None":
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    async def _fetch_once(self) -> None:
        # Concurrent requests share one fetch, which continues if one of them is cancelled.
        await asyncio.shield(self._start())

    def _start(self) -> "asyncio.Task[None]":
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        import httpx  # noqa: PLC0415 (heavy, and without authentication not needed)

        self._tried_at = self._clock()
        try:
            # The timeout covers the whole call; that of httpx restarts with every chunk.
            async with asyncio.timeout(TIMEOUT_SECONDS), httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
                response = await client.get(self._url)
            response.raise_for_status()
            keys = usable_keys(response.json())
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            log.warning("key set unavailable", error=f"{type(error).__name__}: {error}".strip(), kept=len(self._keys))
            return
        self._keys, self._fetched_at = keys, self._clock()


def usable_keys(document: Any) -> "dict[str | None, PyJWK]":
    """Return the keys of a key set that verify RS256, ES256 or EdDSA. Raises ValueError if there is none."""
    from jwt import PyJWK, PyJWTError  # noqa: PLC0415 (cryptography takes 10 MB)

    listed = document.get("keys") if isinstance(document, dict) else None
    keys: dict[str | None, PyJWK] = {}
    for entry in listed if isinstance(listed, list) else ():
        algorithm = _algorithm(entry) if isinstance(entry, dict) else None
        if algorithm is None:
            continue
        try:
            key = PyJWK(entry, algorithm)
        except (PyJWTError, ValueError, TypeError):
            continue  # one broken key does not affect the others
        if getattr(key.key, "key_size", MIN_RSA_BITS) >= MIN_RSA_BITS or algorithm != "RS256":
            keys[key.key_id] = key
    if not keys:
        raise ValueError("it has no key for signatures by RS256, ES256 or EdDSA")
    return keys


def _algorithm(entry: Mapping[str, Any]) -> str | None:
    algorithm = _ALGORITHMS.get(f"{entry.get('kty')} {entry.get('crv', '')}".strip())
    if entry.get("use", "sig") != "sig" or entry.get("alg", algorithm) != algorithm:
        return None
    return algorithm
