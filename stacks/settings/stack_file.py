"""Pulumi.<stack>.yaml, read without Pulumi."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

import yaml

from stacks.settings.environment import require_name
from stacks.settings.parse import SettingsError, error_text, parse_settings
from stacks.settings.settings import Settings

NAMESPACE = "drydock"
FILE_KEYS = ("config", "encryptionsalt", "encryptedkey", "secretsprovider", "environment")  # Pulumi's own


def read_stack_file(path: Path) -> Settings:
    """Read the settings of an environment from its stack file.

    Raises SettingsError when the file is missing, is no YAML, or has wrong settings; the message says where.
    """
    document = _load(path)
    unknown = [f"{key}: unknown key; accepted are {', '.join(FILE_KEYS)}" for key in document if key not in FILE_KEYS]
    config = document.get("config") or {}
    if not isinstance(config, dict):
        unknown.append(f"config: must be an object with keys such as {NAMESPACE}:region")
        config = {}
    if unknown:
        raise SettingsError(error_text(path.name, unknown))
    return parse_settings(own_values(config), path.name)


def own_values(config: Mapping[str, object]) -> dict[str, object]:
    """Give the settings of a configuration by their names without `drydock:`; other namespaces are not ours."""
    return {key.partition(":")[2]: value for key, value in config.items() if str(key).partition(":")[0] == NAMESPACE}


def stack_file(root: Path, stack: str) -> Path:
    """Give the path of a stack's file. Raises SettingsError for a wrong name, and when there is no such file."""
    require_name(stack)
    path = root / f"Pulumi.{stack}.yaml"
    if stack in stack_names(root):
        return path
    known = stack_names(root)
    raise SettingsError(
        f"{stack}: no such stack{_did_you_mean(stack, known)}; there are {', '.join(known) or 'none'}. "
        f"A new one is a new file, {path.name}"
    )


def stack_names(root: Path) -> list[str]:
    """List the stacks that have a file in the project's folder."""
    return sorted(path.name[len("Pulumi.") : -len(".yaml")] for path in root.glob("Pulumi.*.yaml"))


def _load(path: Path) -> dict[str, object]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{path.name}:{mark.line + 1}:{mark.column + 1}" if mark else path.name
        raise SettingsError(f"{place}: not valid YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise SettingsError(f"{path.name}: not valid YAML: {error}") from None
    if not isinstance(document, dict):
        raise SettingsError(f"{path.name}: must be an object with the key config, got {type(document).__name__}")
    return document


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    matches = get_close_matches(name, known, n=1)
    return f", did you mean {matches[0]}?" if matches else ""
