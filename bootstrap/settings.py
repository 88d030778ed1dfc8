"""Settings of an account, from `bootstrap/Pulumi.<stack>.yaml`."""

import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import ErrorDetails

from stacks.settings import SettingsError, require_name
from stacks.settings.encrypted import encrypted_setting, is_encrypted
from stacks.settings.engine_yaml import Path
from stacks.settings.environment import LOCAL
from stacks.settings.expectations import expectation, own_message, show
from stacks.settings.ignored import for_bootstrap, ignored_keys
from stacks.settings.model import SettingsModel, printable, repeated
from stacks.settings.namespaces import BOOTSTRAP as NAMESPACE
from stacks.settings.namespaces import NAMESPACE as ENVIRONMENTS
from stacks.settings.namespaces import misspells
from stacks.settings.parse import error_text, number_hint, without_follow_up_errors
from stacks.settings.regions import Region
from stacks.settings.typed import typed

REPOSITORY = r"^[A-Za-z0-9-]{1,60}(@[0-9]+)?/[A-Za-z0-9._-]{1,120}(@[0-9]+)?$"
MOST = 6
"""Maximum of environments: each boundary names the state of all others, and IAM limits a policy to 6,144 characters."""


def _environment(name: str) -> str:
    if name == LOCAL:
        raise ValueError(
            f"{json.dumps(name)}: must be an environment on AWS, and {LOCAL} is on this machine; remove it"
        )
    require_name(name)
    return name


def _repository(name: str) -> str:
    if not re.fullmatch(REPOSITORY.strip("^$"), name):
        raise ValueError("a repository on GitHub as ORG/REPO, such as octo-org/octo-repo")
    # The ending of the URL for git, which the subject of a token does not have.
    if name.endswith(".git"):
        raise ValueError(f"a repository on GitHub without .git of its URL: write {name.removesuffix('.git')}")
    return name


class BootstrapSettings(SettingsModel):
    """An account."""

    region: Region
    """AWS region of the state and of every environment."""

    account_id: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    """The account, 12 digits in quotes. Credentials of another account are refused before the plan."""

    repository: Annotated[str, AfterValidator(_repository), Field(json_schema_extra={"pattern": REPOSITORY})]
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
        if (namespace := key.partition(":")[0]) in (NAMESPACE, ENVIRONMENTS) or misspells(namespace, NAMESPACE)
    }
    spelled = {(str(path[0]).partition(":")[2], *path[1:]): text for path, text in spellings.items()}
    problems = ignored_keys(config, for_bootstrap(NAMESPACE))
    try:
        found = BootstrapSettings.model_validate_json(
            json.dumps(typed(own, BootstrapSettings, MappingProxyType({})), default=str)
        )
    except ValidationError as error:
        raise SettingsError(error_text(source, [*_lines(error, spelled), *problems])) from None
    if problems:
        raise SettingsError(error_text(source, problems))
    return found


def _lines(error: ValidationError, spellings: Mapping[Path, str]) -> Iterator[str]:
    for detail in without_follow_up_errors(error.errors()):
        path = "".join(f"[{part}]" if isinstance(part, int) else printable(part) for part in detail["loc"])
        match detail["type"]:
            case _ if is_encrypted(detail["input"]):
                yield encrypted_setting(path, f"{NAMESPACE}:{path}")
            case "extra_forbidden" if ":" in path:
                yield f"{path}: unknown setting; did you mean {NAMESPACE}:{path.partition(':')[2]}?"
            case "extra_forbidden":
                known = ", ".join(str(field.alias) for field in BootstrapSettings.model_fields.values())
                yield f"{path}: unknown setting; known are {known}"
            case "missing":
                field = next(f for f in BootstrapSettings.model_fields.values() if f.alias == detail["loc"][0])
                yield f"{path}: missing; it is required: {field.description}"
            case "value_error" if not path:
                yield from own_message(detail).splitlines()
            case "value_error" if path.startswith("environments["):
                yield f"{path}: {own_message(detail)}"
            case "bool_type" | "bool_parsing":
                yield f"{path}: {_found(detail)}; set {NAMESPACE}:{path} to true or false"
            case "string_pattern_mismatch":
                yield f"{path}: {_found(detail)}{number_hint(detail, spellings)}"
            case _:
                yield f"{path}: {_found(detail)}"


def _found(detail: ErrorDetails) -> str:
    return f"{expectation(detail)}, got {show(detail['input'])}"
