"""Rules of Secrets Manager."""

import re
from collections.abc import Iterator

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules import iam_documents
from localcloud.aws.judge.rules.iam import missing_principals
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup
from localcloud.protocol.values import UNKNOWN

_API = "https://docs.aws.amazon.com/secretsmanager/latest/apireference"


def _name(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a name with characters other than letters, digits and `/_+=.@!-`."""
    name = parameters.get("Name")
    if isinstance(name, str) and known(name) and not re.fullmatch(r"[A-Za-z0-9/_+=.@!-]*", name):
        words = (
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
        )
        source = "https://github.com/hashicorp/terraform-provider-aws/issues/39406"
        yield RefusedError("ValidationException", words, path=("Name",), value=name, source=source)


def _recovery(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a recovery window of 7 to 30 days."""
    days = parameters.get("RecoveryWindowInDays")
    if isinstance(days, int) and not 7 <= days <= 30:
        yield RefusedError(
            "InvalidParameterException",
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
            path=("RecoveryWindowInDays",),
            value=days,
            source=f"{_API}/API_DeleteSecret.html",
        )


def _policy(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a policy that violates the grammar of policy documents."""
    text = parameters.get("ResourcePolicy")
    for words in iam_documents.faults(text, "resource") if isinstance(text, str) and text != UNKNOWN else ():
        yield RefusedError(
            "MalformedPolicyDocumentException",
            f"This resource policy is malformed: {words}",
            path=("policy",),
            value=text,
            source=f"{_API}/API_PutResourcePolicy.html",
        )


def _policy_principals(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a policy that names a role or user that does not exist."""
    text = str(parameters.get("ResourcePolicy") or "")
    for _ in missing_principals(ask, text):
        yield RefusedError(
            "MalformedPolicyDocumentException",
            "This resource policy contains an unsupported principal.",
            path=("policy",),
            value=text,
            source="https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/secretsmanager/secret.go",
        )


def _taken(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse the name of a secret that is scheduled for deletion."""
    name = parameters.get("Name")
    if lookup(ask, "secretsmanager", "DescribeSecret", SecretId=name).get("DeletedDate"):
        yield RefusedError(
            "InvalidRequestException",
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
            path=("Name",),
            value=name,
            source="https://github.com/hashicorp/terraform-provider-aws/pull/8219",
        )


def _there(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a value for a secret that does not exist."""
    id_ = parameters.get("SecretId")
    if not lookup(ask, "secretsmanager", "DescribeSecret", SecretId=id_):
        yield RefusedError(
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret.",
            path=("SecretId",),
            value=id_,
            source=f"{_API}/API_PutSecretValue.html",
        )


REQUEST_RULES: RequestRules = {
    ("secretsmanager", "CreateSecret"): (_name,),
    ("secretsmanager", "DeleteSecret"): (_recovery,),
    ("secretsmanager", "PutResourcePolicy"): (_policy,),
}
STATE_RULES: StateRules = {
    ("secretsmanager", "CreateSecret"): (_taken,),
    ("secretsmanager", "PutSecretValue"): (_there,),
    ("secretsmanager", "PutResourcePolicy"): (_policy_principals,),
}
