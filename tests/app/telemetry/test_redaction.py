"""What is replaced in texts, and what is not."""

from time import perf_counter

import pytest
from hypothesis import given
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
    """The rest of the text stays readable, and a second pass changes nothing."""
    assert redact(text) == redacted
    assert redact(redacted) == redacted


@pytest.mark.parametrize(
    "text", ["at 5 o'clock @ home", "basic settings: kept", "the bearer of news", "/api/v1/items/7", "limit=3 name:x"]
)
def test_other_texts_stay(text: str) -> None:
    """A log is no use if half of it is replaced."""
    assert redact(text) == text


@given(
    local=st.from_regex(r"[a-z0-9.+_-]{1,20}", fullmatch=True),
    domain=st.from_regex(r"[a-z0-9-]{1,20}\.[a-z]{2,6}", fullmatch=True),
    around=st.sampled_from(["", " ", '"', "(", "\n", "/"]),
)
def test_no_address_gets_through(local: str, domain: str, around: str) -> None:
    """Whatever stands around it."""
    assert "@" not in redact(f"x{around} {around}{local}@{domain}{around}")


@pytest.mark.parametrize("part", ["a", "a@", "a%40", "password=", 'token="', "bearer ", "://a:", "password ", "@a."])
def test_a_long_text_takes_no_longer_than_its_length(part: str) -> None:
    """Callers choose the paths that are logged: none may keep the process busy. Squared, 64 kB would take minutes."""
    start = perf_counter()
    redact((part * 65_536)[:65_536] + "@")

    assert perf_counter() - start < 10


def test_values_are_redacted_however_deep() -> None:
    """And a value whose name says that it is secret is left out whole."""
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
