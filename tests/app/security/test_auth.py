"""Valid and invalid tokens, and their scopes."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.security.auth import Auth, TokenError, bearer_token, scopes
from app.settings import Settings
from tests.app.security.conftest import AUDIENCE, ISSUER, KeyServer, Signer, ec_signer, ed_signer, rsa_signer


async def refusal(auth: Auth, token: str, scope: str | None = "items:write") -> TokenError:
    with pytest.raises(TokenError) as caught:
        await auth.authorise([b"Bearer " + token.encode()], scope)
    return caught.value


async def test_a_valid_token_is_accepted(auth: Auth, signer: Signer) -> None:
    """The authentication scheme is case-insensitive."""
    token = signer.token()

    await auth.authorise([b"bearer " + token.encode()], "users:write")
    assert (await auth.claims(token))["sub"] == "somebody"


async def test_keys_of_every_type_verify_tokens(auth: Auth, key_server: KeyServer, signer: Signer) -> None:
    """RSA, the P-256 curve and Ed25519."""
    signers = [signer, ec_signer("ec"), ed_signer("ed")]
    key_server.serve(*signers)

    assert [(await auth.claims(each.token()))["iss"] for each in signers] == [ISSUER] * 3


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"exp": time.time() - 60}, "the token has expired"),
        ({"nbf": time.time() + 86_400}, "the token is not valid yet"),
        ({"aud": "another"}, "the token is for another audience"),
        ({"iss": "https://other.example"}, "the token has another issuer"),
        ({"exp": None}, "the token lacks one of iss, aud and exp"),
        ({"iss": None}, "the token lacks one of iss, aud and exp"),
        ({"aud": None}, "the token lacks one of iss, aud and exp"),
        ({"exp": "tomorrow"}, "the token is malformed, or its signature is wrong"),
    ],
)
async def test_rejects_wrong_claims(auth: Auth, signer: Signer, claims: dict[str, Any], words: str) -> None:
    """Each error describes the claim."""
    error = await refusal(auth, signer.token(**claims))

    assert (error.status, error.code, error.description) == (401, "invalid_token", words)


async def test_clocks_may_differ_by_ten_seconds(auth: Auth, signer: Signer) -> None:
    """For the expiry and for the start of the validity."""
    now = time.time()

    assert await auth.claims(signer.token(exp=now - 2, nbf=None))
    assert await auth.claims(signer.token(nbf=now + 8))


async def test_one_of_several_audiences_is_enough(auth: Auth, signer: Signer) -> None:
    """`aud` may be a list."""
    assert await auth.claims(signer.token(aud=["another", AUDIENCE]))


async def test_rejects_a_token_of_another_key_with_the_same_id(auth: Auth) -> None:
    """The signature does not match."""
    error = await refusal(auth, rsa_signer("first").token())

    assert error.description == "the token is malformed, or its signature is wrong"


async def test_rejects_a_token_with_an_algorithm_of_another_key_type(auth: Auth) -> None:
    """The algorithm is supported, but not by the key with this id."""
    error = await refusal(auth, ed_signer("first").token())

    assert error.description == "the token is signed by a key that is not in the key set"


async def test_rejects_an_unknown_key(auth: Auth) -> None:
    """The token is well formed, and signed by a key that is not in the key set."""
    error = await refusal(auth, rsa_signer("stranger").token())

    assert error.description == "the token is signed by a key that is not in the key set"


def forged(header: dict[str, Any], secret: bytes | None) -> str:
    claims = {"iss": ISSUER, "aud": AUDIENCE, "exp": time.time() + 600, "scope": "items:write"}
    parts = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims))
    signature = hmac.new(secret, parts, hashlib.sha256).digest() if secret else b""
    return (parts + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


async def test_rejects_unsigned_tokens(auth: Auth) -> None:
    """The algorithm is `none` in several notations, empty or missing."""
    for algorithm in ("none", "None", "NONE", "", None):
        error = await refusal(auth, forged({"alg": algorithm, "kid": "first"}, None))
        assert error.code == "invalid_token"


async def test_rejects_the_public_key_as_an_hmac_secret(auth: Auth, signer: Signer) -> None:
    """In both encodings: the key is public, so anyone could sign tokens."""
    public = signer.private.public_key()
    for secret in (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    ):
        error = await refusal(auth, forged({"alg": "HS256", "kid": "first"}, secret))
        assert error.description == "the token must be signed with one of RS256, ES256, EdDSA"


@pytest.mark.parametrize("kid", [["first"], {"a": 1}, 7, None])
async def test_rejects_a_key_id_that_is_not_a_string(auth: Auth, signer: Signer, kid: Any) -> None:
    """It must not cause an error when the key is looked up."""
    error = await refusal(auth, forged({"alg": "RS256", "kid": kid}, b"x"))

    assert error.code == "invalid_token"


@given(st.text())
async def test_rejects_any_other_text(text: str) -> None:
    """No text raises another exception than TokenError."""
    settings = Settings(
        database_url="postgresql://a@b/c", auth_jwks_url="http://127.0.0.1:1", auth_issuer="i", auth_audience="a"
    )
    with pytest.raises(TokenError):
        await Auth(settings).claims(text)


async def test_accepts_a_token_of_a_rotated_key(auth: Auth, key_server: KeyServer, signer: Signer) -> None:
    """Once the key set may be fetched again."""
    await auth.claims(signer.token())
    new = ec_signer("new")
    key_server.serve(signer, new)
    auth._keys._tried_at -= 60

    assert await auth.claims(new.token())
    assert key_server.requests == 2


async def test_rejects_a_missing_scope(auth: Auth, signer: Signer) -> None:
    """The status is 403, and the challenge has the scope."""
    error = await refusal(auth, signer.token(scope="items:read users:write"))

    assert (error.status, error.code) == (403, "insufficient_scope")
    assert error.challenge == (
        'Bearer realm="drydock", error="insufficient_scope", '
        'error_description="the token lacks the scope items:write", scope="items:write"'
    )


async def test_rejects_every_token_if_no_scope_is_declared(auth: Auth, signer: Signer) -> None:
    """Even a token with all scopes. An invalid token is refused as invalid."""
    error = await refusal(auth, signer.token(scope="items:write users:write jobs:write *"), None)

    assert (error.status, error.code) == (403, "insufficient_scope")
    assert (await refusal(auth, "x", None)).code == "invalid_token"


NEEDED = "items:write"
NEAR = st.sampled_from(
    (
        *("items", "write", "items:", ":write", "items:writer", "xitems:write", "items:write:all", "Items:Write"),
        *("items:*", "*", "items:read", "users:write", "items:write,users:write", "items:write;", '"items:write"'),
        "items:write\0",
    )
)
SCOPES = st.lists(NEAR | st.text("abc:*", min_size=1, max_size=12), max_size=5)


@given(
    others=SCOPES, at=st.integers(0, 5), space=st.sampled_from([" ", "  "]), as_list=st.booleans(), held=st.booleans()
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
async def test_a_scope_is_granted_iff_it_is_among_those_of_the_token(
    auth: Auth, signer: Signer, others: list[str], at: int, space: str, as_list: bool, held: bool
) -> None:
    """Scopes are compared as whole words, not as parts or patterns (RFC 6749, 3.3)."""
    words = [*others[:at], NEEDED, *others[at:]] if held else others
    token = signer.token(scope=words if as_list else space.join(words))

    if held:
        await auth.authorise([b"Bearer " + token.encode()], NEEDED)
    else:
        assert (await refusal(auth, token, NEEDED)).code == "insufficient_scope"


@pytest.mark.parametrize("given", [[], [b""], [b"Bearer"], [b"Bearer "], [b"Basic YTpi"]])
def test_rejects_a_request_without_a_token(given: list[bytes]) -> None:
    """The challenge has no error code (RFC 6750, 3.1)."""
    with pytest.raises(TokenError) as caught:
        bearer_token(given)

    assert (caught.value.status, caught.value.challenge) == (401, 'Bearer realm="drydock"')


def test_rejects_two_tokens() -> None:
    """Different parts of the system could use different tokens."""
    with pytest.raises(TokenError) as caught:
        bearer_token([b"Bearer a", b"Bearer b"])

    assert (caught.value.status, caught.value.code) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"scope": "a b"}, {"a", "b"}),
        ({"scp": ["a", "b"]}, {"a", "b"}),
        ({"scp": "a", "scope": ["b"]}, {"a", "b"}),
        ({"scope": 7, "scp": {"a": 1}}, set()),
        ({"scp": ["a", 7, None, ["b"]]}, {"a"}),
        ({}, set()),
    ],
)
def test_accepts_several_formats_of_scopes(claims: dict[str, Any], expected: set[str]) -> None:
    """They depend on the issuer. Other formats grant no scope."""
    assert scopes(claims) == expected
