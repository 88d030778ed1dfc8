"""What a secret looks like: by the name it goes under, and by its own form."""

import re

_NAME = re.compile(
    r"(pass(word|wd|phrase)?|secret(_?(string|binary))?|token|(api|access|private|secret)_?key|credential|kubeconfig)s?$",
    re.I,
)
_VALUE = re.compile(
    r"""
    -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----
    | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b                    # AWS access key id
    | \bgh[pousr]_[A-Za-z0-9]{36,}\b                   # GitHub token
    | \bxox[abprs]-[A-Za-z0-9-]{10,}                   # Slack token
    | \beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*   # JSON web token
    | (?<=://)[^\s:/@]+:[^\s:/@]+(?=@)                 # credentials in a URL
    | (?i:(?<=password=)[^\s&;'"]+)
    """,
    re.VERBOSE,
)


def secret_name(name: str) -> bool:
    """Whether what goes under this name is a secret, such as `DB_PASSWORD` but not `SECRETS_DIR` or `TOKEN_PATH`."""
    return bool(_NAME.search(name.replace("-", "_").replace(".", "_")))


def secret_value(value: str) -> bool:
    """Return whether this text holds a secret, whatever name it goes under."""
    return bool(_VALUE.search(value))


def redacted(text: str) -> str:
    """Return the text with `[secret]` in place of each secret that can be told by its form."""
    return _VALUE.sub("[secret]", text)
