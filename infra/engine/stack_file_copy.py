"""The copy of a stack file that an engine uses, because it writes into it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from infra.engine.localized import localized
from localcloud.files import write_private
from stacks.names import PROJECT
from stacks.settings import load_stack_file

Overrides = Mapping[tuple[str, ...], object]


def copy_stack_file(
    source: Path, folder: Path, overrides: Overrides, project: str = PROJECT, *, localize: bool = True
) -> None:
    """Copy the settings with the overrides, keeping the salt that the engine wrote into the last copy.

    The secrets provider of the stack on AWS is omitted, because the copy has its own passphrase. So are the values that
    it encrypted. The values are written as JSON, which all YAML parsers read alike.
    """
    target = folder / source.name
    readable = load_stack_file(source, project).readable()
    config: dict[str, Any] = localized(readable) if localize else dict(readable)
    for path, value in overrides.items():
        place = config
        for key in path[:-1]:
            place = place.setdefault(key, {})
        place[path[-1]] = value
    lines = ["config:", *(f"  {_json(key)}: {_json(value)}" for key, value in config.items())]
    if target.exists() and (salt := yaml.safe_load(target.read_text()).get("encryptionsalt")):
        lines.append(f"encryptionsalt: {_json(salt)}")
    write_private(target, "\n".join(lines) + "\n")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def write_salt(source: Path, folder: Path, salt: str) -> None:
    """Write the salt of the key of an existing state, which a later copy keeps."""
    write_private(folder / source.name, f"encryptionsalt: {_json(salt)}\n")
