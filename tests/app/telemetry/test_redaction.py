"""Redaction of secrets and email addresses."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.telemetry.redaction import redact, redact_value


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("user ada@example.com is there", "user [email] is there"),
        ("Key (lower(email))=(ada.l+x@mail.example.org) already exists", "Key (lower(email))=([email]) already exists"),
        ("/api/users/ada%40example.com", "[email]"),
        ("postgresql://ada:s3cret@db:5432/app", "postgresql://ada:[secret]@db:5432/app"),
        ("postgresql://ada:s3@cret@db.example.com/app", "postgresql://ada:[secret]@db.example.com/app"),
        ("host=db password=s3cret dbname=app", "host=db password=[secret] dbname=app"),
        ("/login?PASSWORD=s3cret&next=/home", "/login?PASSWORD=[secret]&next=/home"),
        ("{'db_password': 'two words', 'n': 1}", "{'db_password': [secret], 'n': 1}"),
        (r'{"fault_token":"a\"b","n":1}', '{"fault_token":[secret],"n":1}'),
        ("Authorization: Bearer abc.def.ghi end", "Authorization: [secret] end"),
        ("sent Bearer eyJhbGciOi.J9.sig twice", "sent Bearer [secret] twice"),
        ("sent basic dXNlcjpwYXNz twice", "sent basic [secret] twice"),
        ("api-key=abc and api_key: def", "api-key=[secret] and api_key: [secret]"),
    ],
)
def test_secrets_and_addresses_are_replaced(text: str, redacted: str) -> None:
    """The rest of the text stays, and a second redaction changes nothing."""
    assert redact(text) == redacted
    assert redact(redacted) == redacted


@pytest.mark.parametrize(
    "text", ["at 5 o'clock @ home", "basic settings: kept", "the bearer of news", "/api/v1/items/7", "limit=3 name:x"]
)
def test_other_texts_are_not_changed(text: str) -> None:
    """They are similar to secrets and addresses."""
    assert redact(text) == text


@given(
    local=st.from_regex(r"[a-z0-9.+_-]{1,20}", fullmatch=True),
    domain=st.from_regex(r"[a-z0-9-]{1,20}\.[a-z]{2,6}", fullmatch=True),
    around=st.sampled_from(["", " ", '"', "(", "\n", "/"]),
)
def test_every_email_address_is_replaced(local: str, domain: str, around: str) -> None:
    """With any characters around it."""
    assert "@" not in redact(f"x{around} {around}{local}@{domain}{around}")


@pytest.mark.parametrize(
    "part",
    [
        "a",
        "a@",
        "a%40",
        "password=",
        'token="',
        "bearer ",
        "://a:",
        "password ",
        "@a.",
        "cookie:",
        "cookie:a;",
        "; a",
        "authorization: ",
        "authorization:a b,",
        'a="b",',
    ],
)
def test_redaction_takes_linear_time(part: str) -> None:
    """Callers choose the logged paths and must not block the process. 64 kB in quadratic time would take minutes."""
    start = perf_counter()
    redact((part * 65_536)[:65_536] + "@")

    assert perf_counter() - start < 10


NAMES = (
    *("password", "passwd", "pwd", "secret", "token", "api_key", "api-key", "apikey", "authorization", "cookie"),
    *("Set-Cookie", "Proxy-Authorization", "db_password", "X-Api-Key", "access_token", "client_secret", "PGPASSWORD"),
)
SECRET = st.from_regex(r"[A-Za-z0-9_+-]{12,40}", fullmatch=True).map(lambda text: f"Q7{text}z")
# Texts with a secret and its name.
TEXTS = (
    "{name}={secret}",
    "{name}: {secret}",
    "{name} = {secret} and more",
    "/path?{name}={secret}&next=/home",
    "x {name}='{secret} with spaces' y",
    "{{'{name}': '{secret}', 'n': 1}}",
    '{{"{name}":"{secret}","n":1}}',
    '{{"{name}": "a \\" {secret}"}}',
    "host=db {name}={secret} dbname=app",
    "failed: [{name}={secret}]",
)
HEADERS = (
    "Authorization: Bearer {secret}",
    "authorization: Basic {secret}",
    "Authorization: Token {secret}",
    "Authorization: ApiKey {secret} end",
    'Authorization: Digest username="a", realm="b", response="{secret}"',
    "Cookie: {secret}",
    "Cookie: session={secret}",
    "Cookie: theme=dark; session={secret}; lang=en",
    "Set-Cookie: session={secret}; Path=/; HttpOnly",
    "postgresql://app:{secret}@db:5432/app",
    "https://user:{secret}@host.example/path?a=b",
    "sent Bearer {secret}1 twice",
)
AROUND = st.sampled_from(["", " ", "\n", "(", "[", "x ", "request failed: ", "\t"])


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(TEXTS), st.sampled_from(NAMES), SECRET, AROUND, st.sampled_from([str, str.upper, str.title]))
def test_every_named_secret_in_a_text_is_replaced(
    text: str, name: str, secret: str, around: str, case: Callable[[str], str]
) -> None:
    """With any of the names, in any of the formats."""
    whole = around + text.format(name=case(name), secret=secret) + around
    redacted = redact(whole)

    assert secret not in redacted, (whole, redacted)
    assert redact(redacted) == redacted


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(HEADERS), SECRET, AROUND)
def test_every_credential_in_a_header_or_url_is_replaced(text: str, secret: str, around: str) -> None:
    """With any authentication scheme, and in any cookie."""
    whole = around + text.format(secret=secret) + around
    redacted = redact(whole)

    assert secret not in redacted, (whole, redacted)


def nested(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return values that contain a leaf."""
    return st.recursive(
        leaf,
        lambda inner: (
            st.builds(lambda value: {"a": value, "n": 1}, inner)
            | st.builds(lambda value: ["x", value], inner)
            | st.builds(lambda value: (value, "y", 3), inner)
        ),
        max_leaves=4,
    )


@settings(deadline=None, max_examples=100)
@given(st.data(), st.sampled_from(NAMES), SECRET)
def test_every_named_secret_in_a_value_is_replaced(data: st.DataObject, name: str, secret: str) -> None:
    """As text, bytes, list or mapping under its name, as a header in a list of pairs, or within a text."""
    shape = data.draw(
        st.sampled_from(
            [
                {name: secret},
                {name: secret.encode()},
                {name: [secret]},
                {name: {"value": secret}},
                [(name, secret)],
                [[name, secret]],
                [(name.encode(), secret.encode())],
                f"{name}={secret}",
            ]
        )
    )

    assert secret not in str(redact_value(data.draw(nested(st.just(shape)))))


WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=10).filter(
    lambda word: word not in ("bearer", "basic")
)
PLAIN_NAMES = ("name", "path", "status", "route", "user_agent", "next_token_count", "cookies_seen", "passwords", "n")


@settings(deadline=None, max_examples=100)
@given(st.lists(WORDS, max_size=8), st.sampled_from(PLAIN_NAMES), st.sampled_from([": ", "=", " = "]), st.integers())
def test_values_without_secrets_are_not_changed(words: list[str], name: str, sign: str, number: int) -> None:
    """Fields with other names, numbers and prose."""
    text = f"{' '.join(words)} {name}{sign}{number} /api/v1/items/{abs(number)}?limit=3"

    assert redact(text) == text
    value = {name: [number, text, None, True, {"at": 1.5}], "path": f"/{'/'.join(words)}"}
    assert redact_value(value) == value


def test_nested_values_are_redacted() -> None:
    """A value under the name of a secret is replaced completely."""
    value = {
        "to": ["ada@example.com", ("x", 1)],
        "headers": {"Authorization": "opaque", "X-Api-Key": b"opaque", "n": 3},
        "next_token_count": "7",
        5: None,
    }

    assert redact_value(value) == {
        "to": ["[email]", ["x", 1]],
        "headers": {"Authorization": "[secret]", "X-Api-Key": "[secret]", "n": 3},
        "next_token_count": "7",
        5: None,
    }
