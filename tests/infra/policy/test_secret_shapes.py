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


@pytest.mark.parametrize("joined", ["\n", "\\n", "\r\n", " "])
@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", "PGP "])
@pytest.mark.parametrize("whole", [True, False])
def test_redacted_hides_the_content_of_a_private_key(joined: str, kind: str, whole: bool) -> None:
    """Not only its first line, also if its end is cut off."""
    block = " BLOCK" if kind == "PGP " else ""
    lines = [
        f"-----BEGIN {kind}PRIVATE KEY{block}-----",
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" * 2,
        "bKcwggSjAgEAAoIBAQ==",
    ]
    key = joined.join([*lines, f"-----END {kind}PRIVATE KEY{block}-----"] if whole else lines)

    assert redacted(f"tls {key}, port 1") == "tls [secret], port 1"
    assert redacted(f"{key}{key}") == "[secret][secret]"
    assert redacted(f"{key} and AKIA{'Q' * 16}") == "[secret] and [secret]"


@pytest.mark.parametrize(
    "token",
    [
        "ASIA" + "Q7" * 8,
        "ghs_" + "aB3" * 15,
        "github_pat_" + "aB_3" * 20,
        "glpat-" + "aB-3" * 8,
        "xoxb-" + "1234-ab" * 6,
        "sk_live_" + "aB3" * 10,
        "AIza" + "aB_3-" * 7,
        "npm_" + "aB3" * 12,
        "pypi-" + "AgEI-_" * 12,
        "dop_v1_" + "0f" * 32,
        "SG." + "aB-3" * 6 + "." + "c_D4" * 12,
        "sk-ant-" + "api03-aB_3" * 6,
        "AGE-SECRET-KEY-1" + "QPZRY9X8" * 8,
        JWT,
    ],
)
def test_redacted_hides_a_token_to_its_end(token: str) -> None:
    """Nothing of it stays, and nothing else goes."""
    assert redacted(f"with {token}, then") == "with [secret], then"
    assert redacted(f'{{"note": "{token}"}}') == '{"note": "[secret]"}'


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
