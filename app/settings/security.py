"""Settings that control who may write, and who may inject faults."""

from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from app.settings.values import Url

MIN_TOKEN_LENGTH = 16


class SecuritySettings(BaseSettings):
    """Bearer tokens for writes, and the token of fault injection. Both are off unless set."""

    auth_jwks_url: Url | None = None
    """URL of the JSON Web Key Set whose keys sign bearer tokens; if not set, writes need no token."""
    auth_issuer: str | None = None
    """`iss` that tokens must have; required with AUTH_JWKS_URL."""
    auth_audience: str | None = None
    """`aud` that tokens must have; required with AUTH_JWKS_URL."""
    fault_token: SecretStr | None = Field(None, min_length=MIN_TOKEN_LENGTH)
    """Token that callers of `/faults` must send; if not set, fault injection is off."""

    @model_validator(mode="after")
    def _names_issuer_and_audience(self) -> Self:
        if self.auth_jwks_url is not None and not (self.auth_issuer and self.auth_audience):
            raise ValueError("AUTH_JWKS_URL: also set AUTH_ISSUER and AUTH_AUDIENCE")
        return self
