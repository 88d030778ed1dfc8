"""What an account is: the settings of `bootstrap/Pulumi.<stack>.yaml`."""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from stacks.settings import SettingsError, require_name
from stacks.settings.model import SettingsModel, printable, repeated
from stacks.settings.parse import error_text, without_echoes
from stacks.settings.typed import typed

NAMESPACE = "drydock-bootstrap"
MOST = 6
"""Environments: the boundary of each names the state of all others, and IAM takes 6,144 characters of a policy."""


def _environment(name: str) -> str:
    require_name(name)
    return name


class BootstrapSettings(SettingsModel):
    """An account."""

    region: Annotated[str, Field(pattern=r"^(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-[0-9]$")]
    """AWS region of the state and of every environment."""

    account_id: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    """The account, 12 digits in quotes. Credentials of another one are refused before anything is planned."""

    repository: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}$")]
    """The repository on GitHub whose workflows may deploy, as ORG/REPO, spelled as GitHub spells it."""

    environments: Annotated[
        tuple[Annotated[str, AfterValidator(_environment)], ...], Field(min_length=1, max_length=MOST)
    ] = ("dev", "staging", "prod")
    """Names of the environments: stacks, and environments of the repository on GitHub."""

    protect: bool = True
    """Have Pulumi refuse to delete the state's bucket and key."""

    def problems(self) -> Iterator[str]:
        """Find environments that are named twice."""
        yield from repeated("environments", "environment", self.environments)

    @property
    def bucket(self) -> str:
        """Name of the state's bucket. Nobody else has it, because the account is in it."""
        return f"drydock-state-{self.account_id}-{self.region}"


def parse_bootstrap(config: Mapping[str, object], source: str) -> BootstrapSettings:
    """Read the settings of a configuration, by whole keys such as `drydock-bootstrap:region`.

    Args:
        config: as Pulumi gives it to a program: text, and objects as JSON text.
        source: names where it comes from, for the message.

    Raises:
        SettingsError: with all errors at once.
    """
    own = {key.partition(":")[2]: value for key, value in config.items() if key.partition(":")[0] == NAMESPACE}
    try:
        return BootstrapSettings.model_validate_json(
            json.dumps(typed(own, BootstrapSettings, MappingProxyType({})), default=str)
        )
    except ValidationError as error:
        raise SettingsError(error_text(source, list(_lines(error)))) from None


def _lines(error: ValidationError) -> Iterator[str]:
    for detail in without_echoes(error.errors()):
        path = "".join(f"[{part}]" if isinstance(part, int) else printable(part) for part in detail["loc"])
        match detail["type"]:
            case "extra_forbidden":
                known = ", ".join(str(field.alias) for field in BootstrapSettings.model_fields.values())
                yield f"{path}: unknown setting; known are {known}"
            case "missing":
                field = next(f for f in BootstrapSettings.model_fields.values() if f.alias == detail["loc"][0])
                yield f"{path}: missing; it is required: {field.description}"
            case "value_error" if not path:
                yield from detail["msg"].removeprefix("Value error, ").splitlines()
            case "string_pattern_mismatch":
                yield f"{path}: must match {detail['ctx']['pattern']}, got {json.dumps(detail['input'])}"
            case _:
                message = detail["msg"].removeprefix("Value error, ")
                yield f"{path}: {message[:1].lower()}{message[1:]}, got {json.dumps(detail['input'], default=str)}"
