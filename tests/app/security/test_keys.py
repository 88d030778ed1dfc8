"""The key set: fetches, outages of the key server, and a limited number of fetches for unknown keys."""

import asyncio
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.security.keys import FRESH_SECONDS, RETRY_SECONDS, KeySet, KeysUnavailableError, usable_keys
from tests.app.security.conftest import Clock, KeyServer, Signer, ec_signer, ed_signer, rsa_signer


@pytest.fixture
def keys(key_server: KeyServer, clock: Clock) -> KeySet:
    return KeySet(key_server.url, clock)


async def test_keys_are_fetched_once_at_the_first_use(keys: KeySet, key_server: KeyServer) -> None:
    """Also for concurrent callers."""
    assert key_server.requests == 0

    found = await asyncio.gather(*(keys.find("first") for _ in range(10)))

    assert [key.key_id for key in found if key] == ["first"] * 10
    assert key_server.requests == 1


async def test_an_unknown_key_is_fetched_at_a_limited_rate(
    keys: KeySet, key_server: KeyServer, clock: Clock, signer: Signer
) -> None:
    """A new key is found once RETRY_SECONDS are over; unknown ids do not cause more fetches."""
    await keys.find("first")
    second = ec_signer("second")
    key_server.serve(signer, second)
    assert await keys.find("second") is None
    assert key_server.requests == 1

    clock.now += RETRY_SECONDS + 1
    assert await keys.find("second") is not None
    assert await keys.find("made up") is None
    assert key_server.requests == 2


async def test_expired_keys_are_used_while_new_ones_are_fetched(
    keys: KeySet, key_server: KeyServer, clock: Clock
) -> None:
    """Keys expire after five minutes. A key that is removed from the set is removed after the fetch."""
    await keys.find("first")
    key_server.serve(ed_signer("second"))
    clock.now += FRESH_SECONDS + 1

    assert await keys.find("first") is not None
    assert keys._fetching is not None
    await keys._fetching
    assert await keys.find("first") is None
    assert await keys.find("second") is not None


@pytest.mark.parametrize(("status", "body"), [(500, b"{}"), (200, b"<html>"), (200, b'{"keys": []}'), (200, b"[]")])
async def test_a_failed_fetch_keeps_the_keys(
    keys: KeySet, key_server: KeyServer, clock: Clock, status: int, body: bytes
) -> None:
    """For an error status and for an invalid document; the fetch is not repeated immediately."""
    await keys.find("first")
    key_server.status, key_server.body = status, body
    clock.now += FRESH_SECONDS + 1
    assert await keys.find("unknown") is None
    assert key_server.requests == 2

    assert await keys.find("first") is not None
    assert key_server.requests == 2


async def test_without_keys_it_raises_an_error_and_recovers(keys: KeySet, key_server: KeyServer) -> None:
    """The key server may start later than this service."""
    key_server.status = 503
    with pytest.raises(KeysUnavailableError):
        await keys.find("first")

    key_server.status = 200
    assert await keys.find("first") is not None


async def test_an_unreachable_server_raises_the_same_error(clock: Clock) -> None:
    """Nothing listens on port 1."""
    with pytest.raises(KeysUnavailableError):
        await KeySet("http://127.0.0.1:1/keys", clock).find("first")


async def test_a_server_without_a_response_raises_the_error_after_a_timeout(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """The limit applies to the whole fetch."""
    monkeypatch.setattr("app.security.keys.TIMEOUT_SECONDS", 0.05)
    hang = asyncio.Event()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hang.wait()
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(KeysUnavailableError):
        await KeySet(f"http://127.0.0.1:{port}/keys", clock).find("first")
    hang.set()
    server.close()


async def test_a_token_without_a_key_id_uses_the_only_key(
    keys: KeySet, key_server: KeyServer, clock: Clock, signer: Signer
) -> None:
    """With two keys none is used."""
    assert (await keys.find(None)) is not None

    key_server.serve(signer, ed_signer("second"))
    clock.now += RETRY_SECONDS + 1
    await keys.find("second")
    assert await keys.find(None) is None


def test_uses_only_keys_of_the_three_algorithms() -> None:
    """The key determines the algorithm, so a token cannot choose another one."""
    good = {"rsa": rsa_signer("rsa"), "ec": ec_signer("ec"), "ed": ed_signer("ed")}
    rsa_entry = good["rsa"].entry
    refused: list[Any] = [
        {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "kid": "oct"},
        {**rsa_entry, "kid": "for encryption", "use": "enc"},
        {**rsa_entry, "kid": "hmac", "alg": "HS256"},
        {**rsa_entry, "kid": "broken", "n": "!"},
        {"kty": "RSA", "kid": "empty"},
        {"kty": ["RSA"], "kid": "strange"},
        rsa_signer("short", 1024).entry,
        ec_signer("p384", ec.SECP384R1()).entry,
        "not a JSON object",
    ]

    keys = usable_keys({"keys": [*refused, *(signer.entry for signer in good.values())]})

    assert {kid: key.algorithm_name for kid, key in keys.items()} == {"rsa": "RS256", "ec": "ES256", "ed": "EdDSA"}


@pytest.mark.parametrize("document", [None, [], {}, {"keys": None}, {"keys": {}}, {"keys": [{"kty": "oct"}]}])
def test_rejects_a_document_without_a_usable_key(document: Any) -> None:
    """So it cannot replace known keys."""
    with pytest.raises(ValueError, match="no key"):
        usable_keys(document)
