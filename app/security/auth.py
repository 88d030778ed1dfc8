"""Bearer tokens: who issued a JSON Web Token, and what it allows (RFC 6750, RFC 8725)."""

from collections.abc import Mapping
from typing import Any

from app.security.keys import KeySet
from app.settings import Settings

LEEWAY_SECONDS = 10  # clocks differ
ALGORITHMS = ["RS256", "ES256", "EdDSA"]


class TokenError(Exception):
    """The request is refused. `code` is RFC 6750's; None if there was no token at all."""

    def __init__(self, status: int, code: str | None, description: str, scope: str | None = None) -> None:
        super().__init__(description)
        self.status, self.code, self.description, self.scope = status, code, description, scope

    @property
    def challenge(self) -> str:
        """The value of WWW-Authenticate."""
        parts = {"realm": "drydock", "error": self.code, "error_description": self.description, "scope": self.scope}
        if self.code is None:
            del parts["error_description"]
        return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in parts.items() if value is not None)


class Auth:
    """Verifies tokens by the key set, issuer and audience of the settings."""

    def __init__(self, settings: Settings, keys: KeySet | None = None) -> None:
        self._keys = keys or KeySet(str(settings.auth_jwks_url))
        self._issuer = settings.auth_issuer
        self._audience = settings.auth_audience

    async def authorise(self, authorizations: list[bytes], scope: str | None) -> None:
        """Check the values of the Authorization header for a write that needs `scope`.

        None: no route declares a scope for the path, so no token allows it.
        Raises TokenError, or KeysUnavailableError if nothing can be verified yet.
        """
        claims = await self.claims(bearer_token(authorizations))
        if scope is None:
            raise TokenError(403, "insufficient_scope", "no scope allows writes at this path")
        if scope not in scopes(claims):
            raise TokenError(403, "insufficient_scope", f"the token lacks the scope {scope}", scope)

    async def claims(self, token: str) -> dict[str, Any]:
        """Return the claims of a valid token."""
        import jwt  # noqa: PLC0415 (with cryptography 10 MB)

        refusals = {
            jwt.ExpiredSignatureError: "the token has expired",
            jwt.ImmatureSignatureError: "the token is not valid yet",
            jwt.InvalidAudienceError: "the token is for another audience",
            jwt.InvalidIssuerError: "the token has another issuer",
            jwt.MissingRequiredClaimError: "the token lacks one of iss, aud and exp",
        }
        try:
            header = jwt.get_unverified_header(token)
            algorithm = header.get("alg")
            if algorithm not in ALGORITHMS:
                raise _invalid(f"the token must be signed with one of {', '.join(ALGORITHMS)}")
            key = await self._keys.find(header.get("kid"))
            if key is None or key.algorithm_name != algorithm:
                raise _invalid("the token is signed by a key that is not in the key set")
            return jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.PyJWTError as error:
            # Fixed texts: the client chooses what a token holds, so none of it goes into a header or a log.
            raise _invalid(refusals.get(type(error), "the token is malformed, or its signature is wrong")) from None


def bearer_token(authorizations: list[bytes]) -> str:
    """Return the token of the header. Raises TokenError if there is none, or more than one."""
    if len(authorizations) > 1:
        raise TokenError(400, "invalid_request", "send exactly one Authorization header")
    kind, _, token = authorizations[0].partition(b" ") if authorizations else (b"", b"", b"")
    if kind.lower() != b"bearer" or not token.strip():
        raise TokenError(401, None, "send a bearer token, as in Authorization: Bearer TOKEN")
    return token.strip().decode("latin-1")


def scopes(claims: Mapping[str, Any]) -> set[str]:
    """Return what the token allows: `scope` and `scp`, each a list or words in one text."""
    allowed: set[str] = set()
    for name in ("scope", "scp"):
        value = claims.get(name)
        words = value.split() if isinstance(value, str) else value
        allowed |= {word for word in words if isinstance(word, str)} if isinstance(words, list) else set()
    return allowed


def _invalid(description: str) -> TokenError:
    return TokenError(401, "invalid_token", description)
