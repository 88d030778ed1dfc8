"""Recognizes secrets by their name or by the form of their value.

detect-secrets is not used: its entropy plugins report image digests, trace ids and names of keys, and each of its
plugins imports an HTTP client. tests/infra/policy/corpus/secrets.toml measures what is recognized here.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from infra.policy.secret_names import secret_name

_FORMS = re.compile(
    r"""
    # A private key; its lines may be joined by `\n` as in JSON, and its end may be cut off.
    -----BEGIN\ [A-Z ]*PRIVATE\ KEY(?:\ BLOCK)?-----
    (?: (?:(?!-----BEGIN)[\s\S])*?-----END\ [A-Z ]*PRIVATE\ KEY(?:\ BLOCK)?-----
      | (?:(?:\s|\\[nr])*[A-Za-z0-9+/=]{16,})* (?:(?:\s|\\[nr])+[A-Za-z0-9+/]+={1,2})? )
    | \b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b            # AWS access key id
    | \bgh[pousr]_[A-Za-z0-9]{36,}\b                     # GitHub token
    | \bgithub_pat_[A-Za-z0-9_]{36,}\b
    | \bglpat-[A-Za-z0-9_-]{20,}                         # GitLab token
    | \bxox[abeoprs]-[A-Za-z0-9-]{10,}                   # Slack token
    | (?<=hooks\.slack\.com/services/)T[A-Za-z0-9_/]{20,}
    | \b[rs]k_live_[A-Za-z0-9]{20,}                      # Stripe key
    | \bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])          # Google API key
    | \bnpm_[A-Za-z0-9]{36}\b
    | \bpypi-[A-Za-z0-9_-]{40,}
    | \bdop_v1_[a-f0-9]{64}\b                            # DigitalOcean token
    | \bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}       # SendGrid key
    | \bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,}             # OpenAI or Anthropic key
    | \bAGE-SECRET-KEY-1[A-Z0-9]{50,}
    | \beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*   # JSON web token
    | (?<=AccountKey=)[A-Za-z0-9+/=]{40,}                # Azure Storage
    """,
    re.VERBOSE,
)
_IN_URL = re.compile(r"(?<=://)[^\s:/@'\"]*:(?P<password>[^\s/@'\"]+)(?=@)")
# A pair such as `password: x` in a line, `"password": "x"` or `--password=x`.
_PAIR = re.compile(
    r"""(?:^|[\s,{])["']?-{0,2}(?P<name>[\w.-]+)["']?\s*[:=]\s*
    (?: (?P<quote>["'])(?P<quoted>[^"'\n]+)(?P=quote) | (?P<bare>[^\s"'{\[|>&,}][^\s,}]*)(?=[\s,}]*$) )""",
    re.MULTILINE | re.VERBOSE,
)
_INLINE = re.compile(r"\b(?:password|passwd|pwd)=(?P<value>[^\s&;'\"]+)", re.IGNORECASE)
# The value is elsewhere: a variable, a template, a placeholder, an ARN, a path, or the URL of a secret store.
_REFERENCE = re.compile(
    r"""\$\([\w.-]+\) | \$\{[^}]*\}? | \$[A-Za-z_]\w* | \{\{.*?\}\} | <[^<>]*> | %[A-Za-z_]\w*%
    | arn:aws[\w-]*:\S+ | (?:vault|op|ref\+\w+|secretsmanager|ssm|file|projects):?/\S+
    | (?:\.{0,2}|~|[A-Z]:)[/\\][\w./\\-]+
    | https?://\S+ | \*+ | [xX]{3,} | \[secret\] | REDACTED""",
    re.VERBOSE,
)
_NO_SECRETS = frozenset({"", "true", "false", "yes", "no", "on", "off", "none", "null", "nil", "required", "optional"})
_NUMBER = re.compile(r"[0-9.]+[a-z]{0,2}")


def secret_setting(name: str, value: str) -> bool:
    """Return whether a named value is a secret, such as a variable `DB_PASSWORD`, or contains one."""
    return secret_value(value) or named_secret(name, value)


def named_secret(name: str, value: str) -> bool:
    """Return whether a name is that of a secret, and its value is not a reference to it."""
    return secret_name(name) and not _elsewhere(name, value)


def secret_value(value: str) -> bool:
    """Return whether a text contains a secret that is recognized by its form."""
    return bool(_spans(value))


def redacted(text: str) -> str:
    """Return the text with each secret that is recognized by its form replaced by `[secret]`."""
    for start, end in reversed(_spans(text)):
        text = text[:start] + "[secret]" + text[end:]
    return text


@lru_cache(maxsize=10_000)  # a plan contains most of its texts many times
def _spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return where the secrets of a text are, in order and without overlaps."""
    found: list[tuple[int, int]] = []
    for first, last in sorted({*_forms(text), *_settings(text)}):
        if not found or first >= found[-1][1]:
            found.append((first, last))
    return tuple(found)


def _forms(text: str) -> Iterator[tuple[int, int]]:
    yield from (found.span() for found in _FORMS.finditer(text))
    yield from (found.span() for found in _IN_URL.finditer(text) if not _elsewhere("password", found["password"]))


def _settings(text: str) -> Iterator[tuple[int, int]]:
    yield from (found.span("value") for found in _INLINE.finditer(text) if not _elsewhere("password", found["value"]))
    for found in _PAIR.finditer(text):
        group = "quoted" if found["quoted"] else "bare"
        if named_secret(found["name"], found[group]):
            yield found.span(group)


def _elsewhere(name: str, value: str) -> bool:
    """Return whether the value of a secret's name is not a secret, but a reference, a switch or a number of tokens."""
    rest = _REFERENCE.sub("", value).strip()
    if rest.lower() in _NO_SECRETS or not rest.strip(":@/.-_"):
        return True
    return bool(_NUMBER.fullmatch(rest)) and "token" in name.lower()
