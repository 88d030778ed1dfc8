"""Pulumi.<stack>.yaml, read without Pulumi, with the same result."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from stacks.settings import engine_yaml
from stacks.settings.assumed_role import AssumedRole, parse_assumed_roles
from stacks.settings.encrypted import encrypted_paths, with_placeholders, without_encrypted
from stacks.settings.engine_yaml import WrongYamlError, as_text
from stacks.settings.environment import require_name
from stacks.settings.ignored import INSTEAD, ignored_keys
from stacks.settings.namespaces import BOOTSTRAP, NAMESPACE, misspells
from stacks.settings.parse import SettingsError, error_text, parse_settings
from stacks.settings.settings import Settings
from stacks.settings.stack_rules import stack_problems

FILE_KEYS = ("config", "encryptionsalt", "encryptedkey", "secretsprovider", "environment")  # Pulumi's own


@dataclass(frozen=True, kw_only=True)
class StackFile:
    """The content of a stack file, parsed as the engine does; its settings are not validated yet."""

    name: str
    """The file's name, for messages."""
    config: Mapping[str, object]
    """Every value by full key, such as `drydock:region` or `aws:profile`."""
    spellings: Mapping[engine_yaml.Path, str]
    """See `engine_yaml.Document`; paths begin with the full key."""

    @property
    def encrypted(self) -> list[str]:
        """Where encrypted values are, such as `datadog:apiKey`."""
        return encrypted_paths(self.config)

    def readable(self) -> dict[str, object]:
        """Return the configuration that is readable without a key: other namespaces with placeholders.

        An encrypted setting of Drydock is removed, so that it has its default: a placeholder would be invalid.
        """
        own = {key: value for key, value in self.config.items() if key.startswith(f"{NAMESPACE}:")}
        others = {key: with_placeholders(value) for key, value in self.config.items() if key not in own}
        return without_encrypted(own) | others

    def settings(self) -> Settings:
        """Validate the settings. Raises SettingsError with all errors."""
        if f"{NAMESPACE}:region" in self.encrypted:
            problem = f"region: must not be encrypted; write it with: pulumi config set {NAMESPACE}:region eu-central-1"
            raise SettingsError(error_text(self.name, [problem]))
        settings = parse_settings(
            own_values(self.readable()),
            self.name,
            {(_bare(str(path[0])), *path[1:]): text for path, text in self.spellings.items()},
            encrypted=[_bare(path) for path in self.encrypted if path.startswith(f"{NAMESPACE}:")],
            rules=partial(stack_problems, stack=self.environment),
            others=ignored_keys(self.config, INSTEAD),
        )
        self.assumed_roles(settings)
        return settings

    def assumed_roles(self, settings: Settings) -> tuple[AssumedRole, ...]:
        """Return the roles that the deployment assumes. Raises SettingsError."""
        admins = settings.cluster.admins(self.environment)
        return parse_assumed_roles(self.readable(), self.name, admins, settings.account_id)

    @property
    def environment(self) -> str:
        """The name of the stack."""
        return self.name.removeprefix("Pulumi.").removesuffix(".yaml")


def read_stack_file(path: Path) -> Settings:
    """Read the settings of an environment from its stack file.

    Raises SettingsError if the file is missing, is not YAML, or has invalid settings; the message has the location.
    """
    return load_stack_file(path).settings()


def load_stack_file(path: Path, project: str = NAMESPACE) -> StackFile:
    """Read a stack file of a project, whose name is the namespace of keys without one.

    Raises:
        SettingsError: it is missing, or the engine cannot read it.
    """
    document = _read(path)
    if not isinstance(document.value, dict):
        found = "nothing" if document.value is None else type(document.value).__name__
        raise SettingsError(f"{path.name}: must be an object with the key config, got {found}")
    problems = [
        f"{key}: unknown key; accepted are {', '.join(FILE_KEYS)}" for key in document.value if key not in FILE_KEYS
    ]
    given = document.value.get("config")
    if given is None:
        given = {}
    if not isinstance(given, dict):
        problems.append(f"config: must be an object with keys such as {project}:region")
        given = {}
    keys: dict[str, str] = {}
    for written in given:
        key = whole_key(written, project)
        if key is None:
            problems.append(f"config.{written}: not a key; accepted are NAMESPACE:NAME, such as {project}:region")
        elif other := next((each for each, its_key in keys.items() if its_key == key), None):
            problems.append(f"config.{written}: must not be set, because config.{other} is the same key; remove one")
        else:
            keys[written] = key
    if problems:
        raise SettingsError(error_text(path.name, problems))
    spellings = {
        (keys[str(where[1])], *where[2:]): text for where, text in document.spellings.items() if where[0] == "config"
    }
    return StackFile(name=path.name, config={keys[key]: given[key] for key in given}, spellings=spellings)


def _read(path: Path) -> engine_yaml.Document:
    try:
        return engine_yaml.read(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such file") from None
    except WrongYamlError as error:
        if error.place:
            raise SettingsError(f"{path.name}:{error.place}: {error}") from None
        raise SettingsError(error_text(path.name, error.problems)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from None


def whole_key(written: str, project: str = NAMESPACE) -> str | None:
    """Return the fully qualified key for a key of a stack file, or None if it is invalid."""
    match written.split(":"):
        case [name]:
            return f"{project}:{name}"
        case [namespace, name]:
            return f"{namespace}:{name}"
        case [namespace, "config", name]:
            return f"{namespace}:{name}"
    return None


def own_values(config: Mapping[str, object]) -> dict[str, object]:
    """Return the settings of a configuration by their names without `drydock:`; other namespaces are not ours.

    A key whose namespace is misspelt keeps it, so that it is refused instead of ignored.

    The engine passes top-level numbers and booleans as text, so they are converted to text here.
    """
    return {
        (_bare(key) if namespace == NAMESPACE else key): value if isinstance(value, dict | list) else as_text(value)
        for key, value in config.items()
        if (namespace := key.partition(":")[0]) in (NAMESPACE, BOOTSTRAP) or misspells(namespace)
    }


def _bare(key: str) -> str:
    return key.partition(":")[2]


def stack_file(root: Path, stack: str) -> Path:
    """Return the path of a stack's file. Raises SettingsError for a wrong name, and when there is no such file."""
    require_name(stack)
    path = root / f"Pulumi.{stack}.yaml"
    if stack in stack_names(root):
        return path
    known = stack_names(root)
    raise SettingsError(
        f"{stack}: no such stack{_did_you_mean(stack, known)}; there are {', '.join(known) or 'none'}. "
        f"To add it, create {path.name}"
    )


def stack_names(root: Path) -> list[str]:
    """List the stacks that have a file in the project's folder."""
    return sorted(path.name[len("Pulumi.") : -len(".yaml")] for path in root.glob("Pulumi.*.yaml"))


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    matches = get_close_matches(name, known, n=1)
    return f", did you mean {matches[0]}?" if matches else ""
