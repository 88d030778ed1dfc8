"""Calls to the emulated account ignore the user's settings for other accounts."""

from pathlib import Path

import pytest

from localcloud.aws.account import Account


@pytest.mark.parametrize("name", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_ignores_the_profile_of_the_user(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A missing profile is no error."""
    monkeypatch.setenv(name, "none-such")
    client = Account("123456789012", "eu-central-1", "http://127.0.0.1:1")._client("iam")

    assert client.meta.endpoint_url == "http://127.0.0.1:1"


def test_ignores_the_configuration_files_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """They may have a proxy or a retry mode for other accounts, or be invalid."""
    broken = tmp_path / "config"
    broken.write_text("this is no configuration\n")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(broken))
    client = Account("123456789012", "eu-central-1", "http://127.0.0.1:1")._client("sqs")

    assert client.meta.region_name == "eu-central-1"
