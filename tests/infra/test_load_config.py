"""The running stack's configuration, as Pulumi hands it to a program."""

import json

import pytest
from pulumi.runtime import config as pulumi_config

from infra.load_config import load_config
from stacks.settings import SettingsError

GIVEN = {
    "drydock:region": "eu-central-1",
    "drydock:protect": "false",
    "drydock:network": json.dumps({"availabilityZones": ["a", "b"]}),
    "drydock:tags": json.dumps({"CostCenter": "5"}),
    "aws:skipMetadataApiCheck": "true",
}


def test_reads_text_and_objects() -> None:
    """Pulumi gives everything as text; objects and truth values come back as what they are."""
    settings = load_config("test", GIVEN)

    assert settings.protect is False
    assert settings.network.availability_zones == ("a", "b")
    assert settings.tags == {"CostCenter": "5"}


def test_reads_what_the_inline_program_is_given() -> None:
    """The Automation API sets the configuration in the running process."""
    before = dict(pulumi_config.CONFIG.get())
    pulumi_config.set_all_config(GIVEN)
    try:
        assert load_config("test").network.availability_zones == ("a", "b")
    finally:
        pulumi_config.set_all_config(before)


def test_reads_what_the_official_cli_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CLI passes it in the environment."""
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(GIVEN))

    assert load_config("test").network.availability_zones == ("a", "b")


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("drydock:netwrok", "{}", "netwrok: unknown setting; did you mean network"),
        ("drydock:region", "here", 'region: must match .*, got "here"'),
        ("drydock:network", "{", 'network: must be an object, got "{"'),
        ("drydock:protect", "maybe", 'protect: must be true or false, got "maybe"'),
    ],
)
def test_rejects_what_is_wrong(key: str, text: str, message: str) -> None:
    """Also unknown keys, and with the name of the file they are in."""
    with pytest.raises(SettingsError, match=f"(?s)Pulumi.test.yaml: 1 error.*{message}"):
        load_config("test", GIVEN | {key: text})
