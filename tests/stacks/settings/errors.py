"""The lines of the error for wrong settings, shared by the tests of settings."""

from typing import Any

from stacks.settings import SettingsError, parse_settings

SOURCE = "Pulumi.test.yaml"


def error_lines(**values: Any) -> list[str]:
    """Return the error lines for these settings, or none if they are accepted; assert that the header counts them."""
    try:
        parse_settings({"region": "eu-central-1", **values}, SOURCE)
    except SettingsError as error:
        head, *lines = str(error).splitlines()
        count = "1 error" if len(lines) == 1 else f"{len(lines)} errors"
        assert head == f"{SOURCE}: {count} in the settings"
        return [line.removeprefix("  ") for line in lines]
    return []
