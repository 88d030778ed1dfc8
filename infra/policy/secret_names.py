"""Recognizes names of secrets, such as `DB_PASSWORD`, but not those of their locations, such as `SECRETS_DIR`."""

import re
from functools import lru_cache

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRETS = frozenset(
    {"pass", "password", "passwd", "passphrase", "pwd", "secret", "token", "credential", "kubeconfig", "apikey", "pat"}
)
_KEYS = frozenset(
    {"api", "access", "private", "secret", "signing", "encryption", "auth", "master", "service", "account", "ssh"}
)
# Words of names for a number or a property of secrets: MAX_TOKENS, PASSWORD_LENGTH.
_MEASURES = frozenset({"max", "min", "limit", "num", "count", "total", "ttl", "use", "require", "enable", "disable"})
# Words before `secret` in names for the name of a Kubernetes Secret: existingSecret, imagePullSecrets.
_OF_NAMES = frozenset({"existing", "pull"})
_RUN_TOGETHER = re.compile(r"(password|passwd|apikey|secretkey|accesskey|privatekey|authtoken|clientsecret)s?$")


@lru_cache(maxsize=4096)
def secret_name(name: str) -> bool:
    """Return whether this is the name of a secret, such as `DB_PASSWORD`, but not `SECRETS_DIR` or `TOKEN_PATH`."""
    words = [word.lower() for word in _WORDS.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    if not words or _MEASURES & set(words):
        return False
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if before in _OF_NAMES:
        return False
    return bool(
        {last, last.removesuffix("s")} & _SECRETS
        or (last in ("key", "keys") and before in _KEYS)
        or (before == "secret" and last in ("string", "binary"))
        or _RUN_TOGETHER.search(last)
    )
