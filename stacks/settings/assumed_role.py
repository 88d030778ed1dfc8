"""`aws:assumeRoles`: the roles that Pulumi's aws provider assumes, one after the other, before it calls AWS.

Pulumi passes this configuration only to its default provider; the program has its own provider, which gets it
from here. Names and limits: https://www.pulumi.com/registry/packages/aws/api-docs/provider/#providerassumerole and
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from stacks.settings.encrypted import PLACEHOLDER, encrypted_setting
from stacks.settings.model import SettingsModel
from stacks.settings.parse import SettingsError, error_text
from stacks.settings.roles import account_of, role_of

KEY = "aws:assumeRoles"
OLD_KEY = "aws:assumeRole"


class AssumedRole(SettingsModel):
    """A role to assume."""

    role_arn: Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,576}$")]
    """ARN of the role."""

    session_name: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9_+=,.@-]{2,64}$")] = None
    """Name of the session in CloudTrail."""

    external_id: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9_+=,.@:/-]{2,1224}$")] = None
    """External id, which the trust policy of a role in another account may require."""

    duration: Annotated[str | None, Field(pattern=r"^([0-9]+(\.[0-9]+)?(h|ms|m|s|us|µs|ns))+$")] = None
    """Duration of the session, such as `1h30m`: 15 minutes to 12 hours."""

    policy: str | None = None
    """A policy as JSON text that limits the session."""

    policy_arns: tuple[str, ...] | None = None
    """ARNs of policies that limit the session."""

    source_identity: str | None = None
    """Source identity in CloudTrail."""

    tags: Mapping[str, str] | None = None
    """Tags of the session."""

    transitive_tag_keys: tuple[str, ...] | None = None
    """Keys of tags that are passed to the next role."""

    @property
    def name(self) -> str:
        """Name of the role, with its path if it has one."""
        return role_of(self.role_arn)


_ROLES = TypeAdapter(tuple[AssumedRole, ...])


def parse_assumed_roles(
    config: Mapping[str, object], source: str, admin_roles: Sequence[str], account_id: str | None = None
) -> tuple[AssumedRole, ...]:
    """Return the roles of a configuration, in order; empty if it has none.

    Args:
        config: values by full key; the value is a list, or its JSON, as Pulumi passes it to a program.
        source: names where it comes from, for the message.
        admin_roles: the administrator roles of the cluster in the settings; the last role must be one of them.
        account_id: AWS account of the environment, if set; the last role must belong to it.

    Raises:
        SettingsError: with all errors at once.
    """
    if OLD_KEY in config:
        problem = f"{OLD_KEY}: Pulumi's aws provider 7 uses {KEY}, a list of roles"
        raise SettingsError(error_text(source, [problem]))
    given = config.get(KEY)
    if given is None:
        return ()
    try:
        roles = _ROLES.validate_json(given if isinstance(given, str) else json.dumps(given))
    except ValidationError as error:
        raise SettingsError(error_text(source, list(_lines(error)))) from None
    if roles and roles[-1].name not in map(role_of, admin_roles):
        problem = (
            f"{KEY}[{len(roles) - 1}].roleArn: the deploy role must be one of cluster.adminRoles, or the "
            f"cluster refuses it; got {roles[-1].name}, and those are {', '.join(admin_roles)}"
        )
        raise SettingsError(error_text(source, [problem]))
    if roles and account_id and account_of(roles[-1].role_arn) != account_id:
        problem = (
            f"{KEY}[{len(roles) - 1}].roleArn: the deploy role must belong to the account accountId "
            f"({account_id}), got {roles[-1].role_arn}"
        )
        raise SettingsError(error_text(source, [problem]))
    return roles


def _lines(error: ValidationError) -> Iterator[str]:
    for detail in error.errors():
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"])
        match detail["type"]:
            case _ if detail["input"] == PLACEHOLDER:
                yield encrypted_setting(f"{KEY}{path}", f"{KEY}{path}")
            case "extra_forbidden":
                known = ", ".join(str(field.alias) for field in AssumedRole.model_fields.values())
                yield f"{KEY}{path}: unknown; known are {known}"
            case "missing":
                yield f"{KEY}{path}: missing"
            case "string_pattern_mismatch":
                pattern = detail["ctx"]["pattern"]
                yield f"{KEY}{path}: must match {pattern}, got {json.dumps(detail['input'])}"
            case "tuple_type" | "json_invalid":
                yield f"{KEY}{path}: must be a list of roles, each with its roleArn"
            case _:
                yield f"{KEY}{path}: {detail['msg'][:1].lower()}{detail['msg'][1:]}"
