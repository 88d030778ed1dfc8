"""Recognizes secrets by their name or by the form of their value."""

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
    """Return whether this is the name of a secret, such as `DB_PASSWORD`, but not `SECRETS_DIR` or `TOKEN_PATH`."""
    return bool(_NAME.search(name.replace("-", "_").replace(".", "_")))


def secret_value(value: str) -> bool:
    """Return whether a text contains a secret that is recognized by its form."""
    return bool(_VALUE.search(value))


def redacted(text: str) -> str:
    """Return the text with each secret that is recognized by its form replaced by `[secret]`."""
    return _VALUE.sub("[secret]", text)
