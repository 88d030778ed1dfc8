"""Redaction: e-mail addresses, passwords and tokens never get into a log or a trace."""

import re
from typing import Any

_SECRET = "[secret]"  # noqa: S105 (the replacement)
# No pattern below matches a text without one of these. Most texts have none, so most need only this scan.
_SUSPECT = re.compile(r"[@%:=]|bearer|basic", re.IGNORECASE)
# Each pattern takes linear time for any text, because clients choose the paths that are logged.
_WORD = r"[^\s@\"'(),:;<>=\[\]]"
_EMAIL = re.compile(rf"(?<!{_WORD}){_WORD}+(?:@|%40){_WORD}{{1,255}}\.[A-Za-z]{{2,}}")
_URL_PASSWORD = re.compile(r"(://[^\s:/@]*):[^\s/]+@")
_NAME = r"(?:password|passwd|pwd|secret|token|api[_-]?key|authorization|cookie)"
_ASSIGNED = re.compile(
    rf"({_NAME}[\"']?\s*[=:]\s*)(?!\[secret\])"
    # In quotes it may hold anything; otherwise it ends where the next value begins.
    r"(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|(?:(?:bearer|basic)\s+)?[^\s\"',;&)}\]]+)",
    re.IGNORECASE,
)
# Headers whose value continues after a space, a comma or a semicolon: a scheme and its parameters, more cookies.
_VALUE = r"[^\s\"',;&)}\]]+"
_CREDENTIALS = re.compile(
    rf"(authorization\s*[=:]\s*)(?!\[secret\])[A-Za-z][\w-]*[ \t]+{_VALUE}(?:\"[^\"]*\")?"
    rf"(?:[ \t]*,[ \t]*[\w-]+=(?:\"[^\"]*\"|{_VALUE}))*"
    rf"|(cookie\s*[=:]\s*)(?!\[secret\])[^\s\"',;]+(?:;[ \t]*[^\s\"',;]+)*",
    re.IGNORECASE,
)
# Only if the next word looks like a credential: "basic settings" is not redacted.
_AUTHORIZATION = re.compile(
    r"\b(bearer|basic)\s+(?=\S*(?:[\d=.]|(?-i:[a-z][A-Z]))|\S{20})[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE
)
_NAMES = re.compile(rf"[\w-]*{_NAME}", re.IGNORECASE)


def redact(text: str) -> str:
    """Return `text` without passwords, tokens and e-mail addresses; the rest stays readable."""
    if not _SUSPECT.search(text):
        return text
    text = _URL_PASSWORD.sub(rf"\1:{_SECRET}@", text)
    text = _CREDENTIALS.sub(lambda found: (found[1] or found[2]) + _SECRET, text)
    text = _ASSIGNED.sub(rf"\1{_SECRET}", text)
    text = _AUTHORIZATION.sub(rf"\1 {_SECRET}", text)
    return _EMAIL.sub("[email]", text)


def redact_value(value: Any) -> Any:
    """Return `value` with every text in it redacted; the value of a key that is named like a secret is replaced."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: _redact_named(key, item) for key, item in value.items()}
    if isinstance(value, list | tuple) and len(value) == 2 and _is_named(value[0]):  # as headers are listed
        return [value[0], _redact_named(*value)]
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value(item) for item in value]
    return value


def _is_named(name: Any) -> bool:
    if isinstance(name, bytes):
        name = name.decode("latin-1")
    return isinstance(name, str) and _NAMES.fullmatch(name) is not None


def _redact_named(name: Any, value: Any) -> Any:
    if value is not None and not isinstance(value, bool) and _is_named(name):
        return _SECRET
    return redact_value(value)
