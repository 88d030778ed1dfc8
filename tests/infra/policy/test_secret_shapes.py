"""Secrets are recognized by name and by form."""

import pytest

from infra.policy.secret_names import secret_name
from infra.policy.secret_shapes import named_secret, redacted, secret_setting
from tests.infra.policy.corpus import secrets

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "name", ["DB_PASSWORD", "apiKey", "github-token", "client.secret", "passwords", "secretString"]
)
def test_names_of_secrets(name: str) -> None:
    """The spellings are those of variables, properties and files."""
    assert secret_name(name)


@pytest.mark.parametrize("name", ["SECRETS_DIR", "secretName", "tokenPath", "PASSWORD_FILE", "kmsKeyId", "monkey"])
def test_names_of_other_things(name: str) -> None:
    """Names for the location or the name of a secret are not secret."""
    assert not secret_name(name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://api:hunter2@db:5432/api", "postgresql://[secret]@db:5432/api"),
        ("user=api password=hunter2 host=db", "user=api password=[secret] host=db"),
        ("key AKIA" + "Q" * 16 + " used", "key [secret] used"),
        (f"Bearer {JWT}", "Bearer [secret]"),
        ("https://example.com/a?b=c", "https://example.com/a?b=c"),
    ],
)
def test_redacted_keeps_all_but_the_secret(text: str, expected: str) -> None:
    """The rest of the text stays readable."""
    assert redacted(text) == expected


def test_redacted_hides_the_secrets_of_a_file() -> None:
    """Names are kept; a reference is no secret."""
    text = "user: a\npassword: x\ntoken: ${TOKEN}\nurl: redis://:pw@redis\n"

    assert redacted(text) == "user: a\npassword: [secret]\ntoken: ${TOKEN}\nurl: redis://[secret]@redis\n"


@pytest.mark.parametrize(("name", "value", "secret"), secrets.labelled())
def test_redacted_text_has_no_secret(name: str, value: str, secret: bool) -> None:
    """What is recognized is hidden, and what is no secret stays."""
    hidden = redacted(value)

    assert not secret_setting("note", hidden)
    assert secret or hidden == value
    assert secret == (hidden != value or named_secret(name, value))


def test_recognizes_labelled_secrets() -> None:
    """At most 2 % of the labelled settings are judged wrongly."""
    false_alarms, missed = secrets.mistakes()

    assert (false_alarms, missed) == ([], [])
    assert len(secrets.labelled()) > 110
