"""Secrets are recognized by name and by form."""

import pytest

from infra.policy.secret_shapes import redacted, secret_name

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
