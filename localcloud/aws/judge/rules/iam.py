"""Rules of IAM."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules import iam_documents
from localcloud.aws.judge.rules.policies import statements
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRule, RequestRules, StateRule, StateRules, lookup
from localcloud.protocol.values import UNKNOWN

_GRAMMAR = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html"
_QUOTAS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
_PRINCIPALS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
# AWS's words, as it answered who tried.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/iam/pf-iam"
_OF_SERVICES = "/aws-service-role"
_MANAGED, _INLINE, _TRUST, _ATTACHED = 6144, 10240, 2048, 10


def _document(parameter: str, kind: iam_documents.Kind) -> RequestRule:
    """A policy that follows the grammar."""

    def rule(parameters: Parameters) -> Iterator[RefusedError]:
        text = parameters.get(parameter)
        for words in iam_documents.faults(text, kind) if isinstance(text, str) and text != UNKNOWN else ():
            yield _malformed(parameter, text, words, _GRAMMAR)

    return rule


def _malformed(parameter: str, text: Any, words: str, source: str) -> RefusedError:
    return RefusedError("MalformedPolicyDocument", words, path=(parameter,), value=text, source=source)


def _size(text: str) -> int:
    """Characters of a policy; IAM does not count white space."""
    return len("".join(text.split()))


def _quota(parameter: str, limit: int, words: str) -> RequestRule:
    """A policy that is not too long."""

    def rule(parameters: Parameters) -> Iterator[RefusedError]:
        text = parameters.get(parameter)
        if isinstance(text, str) and known(text) and _size(text) > limit:
            yield RefusedError("LimitExceeded", words, path=(parameter,), value=text, source=_QUOTAS)

    return rule


def _inline(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """The inline policies of a role together are not too long."""
    role, name, text = (str(parameters.get(key)) for key in ("RoleName", "PolicyName", "PolicyDocument"))
    names = lookup(ask, "iam", "ListRolePolicies", RoleName=role).get("PolicyNames", ())
    others = (ask("iam", "GetRolePolicy", RoleName=role, PolicyName=other) for other in names if other != name)
    total = _size(text) + sum(_size(_as_text(other["PolicyDocument"])) for other in others)
    if total > _INLINE:
        words = f"Maximum policy size of {_INLINE} bytes exceeded for role {role}"
        yield RefusedError("LimitExceeded", words, path=("PolicyDocument",), value=text, source=_QUOTAS)


def _as_text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def missing_principals(ask: Ask, text: str) -> Iterator[tuple[str, str]]:
    """The roles and users of the account that a policy names and that do not exist."""
    for statement in statements(text) or ():
        for kind, arn in iam_documents.principal_items(statement):
            if kind == "AWS" and is_missing(ask, arn):
                yield kind, arn


def is_missing(ask: Ask, arn: str) -> bool:
    """Whether an ARN is that of a role or user of the account that does not exist.

    Its path is a part of it. What is no such ARN, or of another account, is not known to be missing.
    """
    parts = arn.split(":", 5)
    what, _, name = parts[-1].partition("/")
    if len(parts) < 6 or what not in ("role", "user") or parts[4] != ask("sts", "GetCallerIdentity")["Account"]:
        return False
    word = what.capitalize()
    found = lookup(ask, "iam", f"Get{word}", **{f"{word}Name": name.rpartition("/")[2]}).get(word)
    return not found or found["Arn"] != arn


def _principals(parameter: str) -> StateRule:
    """Roles and users that exist."""

    def rule(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
        text = str(parameters.get(parameter))
        for kind, arn in missing_principals(ask, text):
            yield _malformed(parameter, text, iam_documents.invalid_principal(kind, arn), _PRINCIPALS)

    return rule


def _boundary(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """A policy that exists."""
    arn = parameters.get("PermissionsBoundary")
    if arn and not lookup(ask, "iam", "GetPolicy", PolicyArn=arn):
        yield RefusedError(
            "NoSuchEntity",
            f"Scope ARN: {arn} does not exist or is not attachable.",
            path=("PermissionsBoundary",),
            value=arn,
            source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html",
        )


def _boundary_form(parameters: Parameters) -> Iterator[RefusedError]:
    """A policy, and nothing else that has an ARN."""
    arn = parameters.get("PermissionsBoundary")
    if isinstance(arn, str) and arn.startswith("arn:") and known(arn) and ":policy/" not in arn:
        source = f"{_MEASURED}-permissions-boundary-policy-arn"
        yield RefusedError(
            "InvalidInput", f"ARN {arn} is not valid.", path=("PermissionsBoundary",), value=arn, source=source
        )


def _path(parameters: Parameters) -> Iterator[RefusedError]:
    """A path that is not that of the roles which AWS makes for its services."""
    path = parameters.get("Path")
    if isinstance(path, str) and path.startswith(_OF_SERVICES):
        words = f"Paths beginning with '{_OF_SERVICES}' are reserved for AWS Service Linked Roles"
        source = f"{_MEASURED}-path-service-role-reserved"
        yield RefusedError("InvalidInput", words, path=("Path",), value=path, source=source)


def _of_a_service(parameters: Parameters) -> Iterator[RefusedError]:
    """A policy that AWS keeps for the roles which it makes for its services."""
    arn = parameters.get("PolicyArn")
    if isinstance(arn, str) and arn.partition(":policy")[2].startswith(f"{_OF_SERVICES}/"):
        yield RefusedError(
            "PolicyNotAttachable",
            "Cannot attach a Service Role Policy to a Customer Role.",
            path=("PolicyArn",),
            value=arn,
            source="https://github.com/aws/aws-cdk/issues/6131",
        )


def _name_taken(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """A name that no other role has, in whatever case."""
    name = str(parameters.get("RoleName"))
    pages = _pages(ask, "ListRoles")
    if any(role["RoleName"].lower() == name.lower() for page in pages for role in page["Roles"]):
        yield RefusedError(
            "EntityAlreadyExists",
            f"Role with name {name} already exists.",
            path=("RoleName",),
            value=name,
            source="botocore iam CreateRoleRequest.RoleName",
        )


def _pages(ask: Ask, operation: str) -> Iterator[dict[str, Any]]:
    """The answers of an operation of IAM that lists, page by page."""
    page: dict[str, Any] = {"Marker": None}
    while "Marker" in page:
        page = ask("iam", operation, **({"Marker": page["Marker"]} if page["Marker"] else {}))
        yield page


def _attachments(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """A role has ten managed policies at most."""
    role, arn = parameters.get("RoleName"), parameters.get("PolicyArn")
    attached = lookup(ask, "iam", "ListAttachedRolePolicies", RoleName=role).get("AttachedPolicies", ())
    arns = {policy["PolicyArn"] for policy in attached}
    if len(arns) >= _ATTACHED and arn not in arns:
        words = f"Cannot exceed quota for PoliciesPerRole: {_ATTACHED}"
        yield RefusedError("LimitExceeded", words, path=("PolicyArn",), value=arn, source=_QUOTAS)


def _attached(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """A policy stays while something has it."""
    arn = parameters.get("PolicyArn")
    entities = lookup(ask, "iam", "ListEntitiesForPolicy", PolicyArn=arn)
    if any(entities.get(key) for key in ("PolicyGroups", "PolicyUsers", "PolicyRoles")):
        yield RefusedError(
            "DeleteConflict",
            "Cannot delete a policy attached to entities.",
            path=("PolicyArn",),
            value=arn,
            source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html",
        )


_managed: tuple[Callable[[Parameters], Iterator[RefusedError]], ...] = (
    _document("PolicyDocument", "identity"),
    _quota("PolicyDocument", _MANAGED, f"Cannot exceed quota for PolicySize: {_MANAGED}"),
)
_TRUST_WORDS = f"Cannot exceed quota for ACLSizePerRole: {_TRUST}"
REQUEST_RULES: RequestRules = {
    ("iam", "CreateRole"): (
        _path,
        _boundary_form,
        _document("AssumeRolePolicyDocument", "trust"),
        _quota("AssumeRolePolicyDocument", _TRUST, _TRUST_WORDS),
    ),
    ("iam", "UpdateAssumeRolePolicy"): (
        _document("PolicyDocument", "trust"),
        _quota("PolicyDocument", _TRUST, _TRUST_WORDS),
    ),
    ("iam", "PutRolePermissionsBoundary"): (_boundary_form,),
    ("iam", "AttachRolePolicy"): (_of_a_service,),
    ("iam", "CreatePolicy"): (_path, *_managed),
    ("iam", "CreatePolicyVersion"): _managed,
    ("iam", "PutRolePolicy"): (_document("PolicyDocument", "identity"),),
}
STATE_RULES: StateRules = {
    ("iam", "CreateRole"): (_name_taken, _principals("AssumeRolePolicyDocument"), _boundary),
    ("iam", "UpdateAssumeRolePolicy"): (_principals("PolicyDocument"),),
    ("iam", "PutRolePermissionsBoundary"): (_boundary,),
    ("iam", "PutRolePolicy"): (_inline,),
    ("iam", "AttachRolePolicy"): (_attachments,),
    ("iam", "DeletePolicy"): (_attached,),
}
