"""The configuration of the running stack, as Pulumi passes it to a program."""

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
    "datadog:site": "x",
}


def test_reads_text_and_objects() -> None:
    """Pulumi passes everything as text; objects and booleans are parsed."""
    settings = load_config("test", GIVEN)

    assert settings.protect is False
    assert settings.network.availability_zones == ("a", "b")
    assert settings.tags == {"CostCenter": "5"}


def test_reads_the_configuration_of_an_inline_program() -> None:
    """The Automation API sets the configuration in the running process."""
    before = dict(pulumi_config.CONFIG.get())
    pulumi_config.set_all_config(GIVEN)
    try:
        assert load_config("test").network.availability_zones == ("a", "b")
    finally:
        pulumi_config.set_all_config(before)


def test_reads_the_configuration_of_the_official_cli(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CLI passes it in an environment variable."""
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(GIVEN))

    assert load_config("test").network.availability_zones == ("a", "b")


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("drydock:netwrok", "{}", "netwrok: unknown setting; did you mean network"),
        ("drydock:region", "here", 'region: must be a region of AWS: .*, got "here"'),
        ("drydok:region", "here", r"drydok:region: unknown setting; did you mean drydock:region\?"),
        ("drydock:network", "{", 'network: must be an object, got "{"'),
        ("drydock:protect", "maybe", 'protect: must be true or false, got "maybe"'),
    ],
)
def test_rejects_wrong_and_unknown_settings(key: str, text: str, message: str) -> None:
    """The message has the name of the stack file."""
    with pytest.raises(SettingsError, match=f"(?s)Pulumi.test.yaml: 1 error.*{message}"):
        load_config("test", GIVEN | {key: text})
