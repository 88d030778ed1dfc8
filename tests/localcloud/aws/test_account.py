"""Calls of the emulated account go by nothing that the user has set for other accounts."""

from pathlib import Path

import pytest

from localcloud.aws.account import Account


@pytest.mark.parametrize("name", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_a_profile_of_the_user_is_not_looked_up(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Not even to find that it does not exist."""
    monkeypatch.setenv(name, "none-such")
    client = Account("123456789012", "eu-central-1", "http://127.0.0.1:1")._client("iam")

    assert client.meta.endpoint_url == "http://127.0.0.1:1"


def test_files_of_the_user_are_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A proxy or a retry mode of other accounts, or a file that is no configuration."""
    broken = tmp_path / "config"
    broken.write_text("this is no configuration\n")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(broken))
    client = Account("123456789012", "eu-central-1", "http://127.0.0.1:1")._client("sqs")

    assert client.meta.region_name == "eu-central-1"
