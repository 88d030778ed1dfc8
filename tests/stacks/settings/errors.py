"""What the tests of settings share: the lines of the one error that a wrong file gets."""

from typing import Any

from stacks.settings import SettingsError, parse_settings

SOURCE = "Pulumi.test.yaml"


def error_lines(**values: Any) -> list[str]:
    """Return the error lines for these settings, none where they are accepted; the header counts them."""
    try:
        parse_settings({"region": "eu-central-1", **values}, SOURCE)
    except SettingsError as error:
        head, *lines = str(error).splitlines()
        count = "1 error" if len(lines) == 1 else f"{len(lines)} errors"
        assert head == f"{SOURCE}: {count} in the settings"
        return [line.removeprefix("  ") for line in lines]
    return []
