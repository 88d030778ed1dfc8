"""The identity provider of a rehearsal. Real: the service's verification of tokens."""

import jwt
import pytest

from app.security.auth import Auth, TokenError
from app.settings import Settings as ServiceSettings
from infra.engine.token_issuer import overrides, replacing
from stacks.settings.service import AuthSettings

STACK = {"jwksUrl": "https://id.example.com/keys", "issuer": "https://id.example.com", "audience": "drydock"}


def _auth(jwks_url: str, **changes: str) -> Auth:
    values = {"auth_jwks_url": jwks_url, "auth_issuer": STACK["issuer"], "auth_audience": STACK["audience"], **changes}
    return Auth(ServiceSettings.model_validate({"database_url": "postgresql://nobody@127.0.0.1:1/none", **values}))


async def test_the_service_accepts_its_token_for_jobs_only() -> None:
    """The keys are read from the overridden URL; another scope and another audience are refused."""
    with replacing(AuthSettings.model_validate(STACK)) as issuer:
        assert issuer is not None
        assert overrides(issuer) == {("drydock:service", "auth", "jwksUrl"): issuer.jwks_url}
        assert issuer.instead_of == "https://id.example.com/keys"
        given = [f"Bearer {issuer.token}".encode()]

        await _auth(issuer.jwks_url).authorise(given, "jobs:write")
        with pytest.raises(TokenError):
            await _auth(issuer.jwks_url).authorise(given, "users:write")
        with pytest.raises(TokenError):
            await _auth(issuer.jwks_url, auth_audience="other").authorise(given, "jobs:write")

        assert jwt.decode(issuer.token, options={"verify_signature": False})["iss"] == STACK["issuer"]


async def test_a_token_of_another_rehearsal_is_refused() -> None:
    """Each rehearsal has its own keys."""
    auth = AuthSettings.model_validate(STACK)
    with replacing(auth) as one, replacing(auth) as other:
        assert one is not None
        assert other is not None
        with pytest.raises(TokenError):
            await _auth(one.jwks_url).authorise([f"Bearer {other.token}".encode()], "jobs:write")


def test_without_authentication_there_is_no_issuer() -> None:
    """No setting is overridden."""
    with replacing(None) as issuer:
        assert issuer is None
        assert overrides(issuer) == {}
