"""Settings of an account, from `bootstrap/Pulumi.<stack>.yaml`."""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from stacks.settings import SettingsError, require_name
from stacks.settings.engine_yaml import Path
from stacks.settings.model import SettingsModel, printable, repeated
from stacks.settings.namespaces import misspells
from stacks.settings.parse import error_text, number_hint, without_echoes
from stacks.settings.regions import Region
from stacks.settings.typed import typed

NAMESPACE = "drydock-bootstrap"
MOST = 6
"""Maximum of environments: each boundary names the state of all others, and IAM limits a policy to 6,144 characters."""


def _environment(name: str) -> str:
    require_name(name)
    return name


class BootstrapSettings(SettingsModel):
    """An account."""

    region: Region
    """AWS region of the state and of every environment."""

    account_id: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    """The account, 12 digits in quotes. Credentials of another account are refused before the plan."""

    repository: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,60}(@[0-9]+)?/[A-Za-z0-9._-]{1,120}(@[0-9]+)?$")]
    """GitHub repository that may deploy, as in the subject of its tokens: ORG/REPO, with ids if GitHub adds them."""

    environments: Annotated[
        tuple[Annotated[str, AfterValidator(_environment)], ...], Field(min_length=1, max_length=MOST)
    ] = ("dev", "staging", "prod")
    """Names of the environments: stacks, and environments of the repository on GitHub."""

    protect: bool = True
    """Protect the bucket and the key of the state from deletion by Pulumi."""

    def problems(self) -> Iterator[str]:
        """Find environments that are named twice."""
        yield from repeated("environments", "environment", self.environments)

    @property
    def bucket(self) -> str:
        """Name of the bucket of the state. It contains the account id, so it is unique."""
        return f"drydock-state-{self.account_id}-{self.region}"


def parse_bootstrap(
    config: Mapping[str, object], source: str, spellings: Mapping[Path, str] = MappingProxyType({})
) -> BootstrapSettings:
    """Read the settings from a configuration with full keys, such as `drydock-bootstrap:region`.

    Args:
        config: the configuration as Pulumi passes it to a program: strings, and objects as JSON.
        source: where it comes from, for error messages.
        spellings: text of the values that YAML reads as numbers, by path with the full key.

    Raises:
        SettingsError: the message lists all errors.
    """
    # A key whose namespace is misspelt keeps it, so that it is refused instead of ignored.
    own = {
        (key.partition(":")[2] if namespace == NAMESPACE else key): value
        for key, value in config.items()
        if (namespace := key.partition(":")[0]) == NAMESPACE or misspells(namespace, NAMESPACE)
    }
    spelled = {(str(path[0]).partition(":")[2], *path[1:]): text for path, text in spellings.items()}
    try:
        return BootstrapSettings.model_validate_json(
            json.dumps(typed(own, BootstrapSettings, MappingProxyType({})), default=str)
        )
    except ValidationError as error:
        raise SettingsError(error_text(source, list(_lines(error, spelled)))) from None


def _lines(error: ValidationError, spellings: Mapping[Path, str]) -> Iterator[str]:
    for detail in without_echoes(error.errors()):
        path = "".join(f"[{part}]" if isinstance(part, int) else printable(part) for part in detail["loc"])
        match detail["type"]:
            case "extra_forbidden" if ":" in path:
                yield f"{path}: unknown setting; did you mean {NAMESPACE}:{path.partition(':')[2]}?"
            case "extra_forbidden":
                known = ", ".join(str(field.alias) for field in BootstrapSettings.model_fields.values())
                yield f"{path}: unknown setting; known are {known}"
            case "missing":
                field = next(f for f in BootstrapSettings.model_fields.values() if f.alias == detail["loc"][0])
                yield f"{path}: missing; it is required: {field.description}"
            case "value_error" if not path:
                yield from detail["msg"].removeprefix("Value error, ").splitlines()
            case "value_error" if path == "region":
                message = detail["msg"].removeprefix("Value error, ")
                yield f"{path}: must be {message}, got {json.dumps(detail['input'])}"
            case "string_pattern_mismatch":
                line = f"{path}: must match {detail['ctx']['pattern']}, got {json.dumps(detail['input'])}"
                yield f"{line}{number_hint(detail, spellings)}"
            case _:
                message = detail["msg"].removeprefix("Value error, ")
                yield f"{path}: {message[:1].lower()}{message[1:]}, got {json.dumps(detail['input'], default=str)}"
