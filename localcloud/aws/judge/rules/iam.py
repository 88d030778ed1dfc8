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
# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/iam/pf-iam"
_OF_SERVICES = "/aws-service-role"
_MANAGED, _INLINE, _TRUST, _ATTACHED = 6144, 10240, 2048, 10


def _https(parameters: Parameters) -> Iterator[RefusedError]:
    """Require an HTTPS URL for an OIDC identity provider."""
    url = parameters.get("Url")
    if isinstance(url, str) and known(url) and not url.startswith("https://"):
        words = "Invalid Open ID Connect Provider URL"
        source = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html"
        yield RefusedError("ValidationError", words, path=("Url",), value=url, source=source)


def _document(parameter: str, kind: iam_documents.Kind) -> RequestRule:
    """Return the rule that refuses a policy that violates the grammar of policy documents."""

    def rule(parameters: Parameters) -> Iterator[RefusedError]:
        text = parameters.get(parameter)
        for words in iam_documents.faults(text, kind) if isinstance(text, str) and text != UNKNOWN else ():
            yield _malformed(parameter, text, words, _GRAMMAR)

    return rule


def _malformed(parameter: str, text: Any, words: str, source: str) -> RefusedError:
    return RefusedError("MalformedPolicyDocument", words, path=(parameter,), value=text, source=source)


def _size(text: str) -> int:
    """Return the number of characters of a policy without white space, as IAM counts them."""
    return len("".join(text.split()))


def _quota(parameter: str, limit: int, words: str) -> RequestRule:
    """Return the rule that refuses a policy of more than `limit` characters."""

    def rule(parameters: Parameters) -> Iterator[RefusedError]:
        text = parameters.get(parameter)
        if isinstance(text, str) and known(text) and _size(text) > limit:
            yield RefusedError("LimitExceeded", words, path=(parameter,), value=text, source=_QUOTAS)

    return rule


def _one_inline(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse an inline policy that is too long even if it is the only one of the role."""
    text, role = parameters.get("PolicyDocument"), parameters.get("RoleName")
    if isinstance(text, str) and known(text) and _size(text) > _INLINE:
        yield _too_long(text, f" {role}" if known(role) else "")


def _too_long(text: str, role: str) -> RefusedError:
    words = f"Maximum policy size of {_INLINE} bytes exceeded for role{role}"
    return RefusedError("LimitExceeded", words, path=("PolicyDocument",), value=text, source=_QUOTAS)


def _inline(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse an inline policy if all inline policies of the role together are too long."""
    role, name, text = (str(parameters.get(key)) for key in ("RoleName", "PolicyName", "PolicyDocument"))
    names = lookup(ask, "iam", "ListRolePolicies", RoleName=role).get("PolicyNames", ())
    others = (ask("iam", "GetRolePolicy", RoleName=role, PolicyName=other) for other in names if other != name)
    total = _size(text) + sum(_size(_as_text(other["PolicyDocument"])) for other in others)
    if total > _INLINE:
        yield _too_long(text, f" {role}")


def _as_text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def missing_principals(ask: Ask, text: str) -> Iterator[tuple[str, str]]:
    """Yield each role and user of the account that a policy names but that does not exist, with its kind."""
    for statement in statements(text) or ():
        for kind, arn in iam_documents.principal_items(statement):
            if kind == "AWS" and is_missing(ask, arn):
                yield kind, arn


def is_missing(ask: Ask, arn: str) -> bool:
    """Return whether an ARN names a role or user of the account that does not exist.

    The path of the role or user must match too. Return False for any other ARN, and for other accounts.
    """
    parts = arn.split(":", 5)
    what, _, name = parts[-1].partition("/")
    if len(parts) < 6 or what not in ("role", "user") or parts[4] != ask("sts", "GetCallerIdentity")["Account"]:
        return False
    word = what.capitalize()
    found = lookup(ask, "iam", f"Get{word}", **{f"{word}Name": name.rpartition("/")[2]}).get(word)
    return not found or found["Arn"] != arn


def _principals(parameter: str) -> StateRule:
    """Return the rule that refuses a policy that names a role or user that does not exist."""

    def rule(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
        text = str(parameters.get(parameter))
        for kind, arn in missing_principals(ask, text):
            yield _malformed(parameter, text, iam_documents.invalid_principal(kind, arn), _PRINCIPALS)

    return rule


def _boundary(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a permissions boundary that does not exist."""
    arn = parameters.get("PermissionsBoundary")
    if arn and not lookup(ask, "iam", "GetPolicy", PolicyArn=arn):
        words = f"Scope ARN: {arn} does not exist or is not attachable."
        source = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html"
        yield RefusedError("NoSuchEntity", words, path=("PermissionsBoundary",), value=arn, source=source)


def _boundary_form(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a permissions boundary whose ARN is not that of a policy."""
    arn = parameters.get("PermissionsBoundary")
    if isinstance(arn, str) and arn.startswith("arn:") and known(arn) and ":policy/" not in arn:
        source = f"{_MEASURED}-permissions-boundary-policy-arn"
        yield RefusedError(
            "InvalidInput", f"ARN {arn} is not valid.", path=("PermissionsBoundary",), value=arn, source=source
        )


def _path(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse the path that is reserved for service-linked roles."""
    path = parameters.get("Path")
    if isinstance(path, str) and path.startswith(_OF_SERVICES):
        words = f"Paths beginning with '{_OF_SERVICES}' are reserved for AWS Service Linked Roles"
        source = f"{_MEASURED}-path-service-role-reserved"
        yield RefusedError("InvalidInput", words, path=("Path",), value=path, source=source)


def _of_a_service(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse to attach a policy that is reserved for service-linked roles."""
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
    """Refuse the name of an existing role. Names are not case-sensitive."""
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
    """Yield the response pages of a list operation of IAM."""
    page: dict[str, Any] = {"Marker": None}
    while "Marker" in page:
        page = ask("iam", operation, **({"Marker": page["Marker"]} if page["Marker"] else {}))
        yield page


def _attachments(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse more than ten managed policies for a role."""
    role, arn = parameters.get("RoleName"), parameters.get("PolicyArn")
    attached = lookup(ask, "iam", "ListAttachedRolePolicies", RoleName=role).get("AttachedPolicies", ())
    arns = {policy["PolicyArn"] for policy in attached}
    if len(arns) >= _ATTACHED and arn not in arns:
        words = f"Cannot exceed quota for PoliciesPerRole: {_ATTACHED}"
        yield RefusedError("LimitExceeded", words, path=("PolicyArn",), value=arn, source=_QUOTAS)


def _policy_there(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse to attach a policy that does not exist, whatever the caller may attach."""
    arn = parameters["PolicyArn"]
    if not lookup(ask, "iam", "GetPolicy", PolicyArn=arn):
        words, source = (
            f"Policy {arn} does not exist or is not attachable.",
            "https://github.com/pulumi/pulumi/issues/7419",
        )
        accepted = "the ARN of a policy that exists"
        yield RefusedError("NoSuchEntity", words, path=("PolicyArn",), value=arn, source=source, accepted=accepted)


def _attached(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse the deletion of a policy that is attached."""
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
    ("iam", "CreateOpenIDConnectProvider"): (_https,),
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
    ("iam", "PutRolePolicy"): (_document("PolicyDocument", "identity"), _one_inline),
}
STATE_RULES: StateRules = {
    ("iam", "CreateRole"): (_name_taken, _principals("AssumeRolePolicyDocument"), _boundary),
    ("iam", "UpdateAssumeRolePolicy"): (_principals("PolicyDocument"),),
    ("iam", "PutRolePermissionsBoundary"): (_boundary,),
    ("iam", "PutRolePolicy"): (_inline,),
    ("iam", "AttachRolePolicy"): (_policy_there, _attachments),
    ("iam", "DeletePolicy"): (_attached,),
}
