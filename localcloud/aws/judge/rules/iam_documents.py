"""Validates policy documents by IAM's grammar, with IAM's messages: identity, trust and resource policies.

The grammar is https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html. The messages are
recorded from real requests: https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/iam.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from localcloud.aws.judge.rules.iam_values import LEGACY, SYNTAX, condition_faults, resource_faults
from localcloud.aws.judge.rules.policies import texts
from localcloud.protocol.values import UNKNOWN

Kind = Literal["identity", "trust", "resource"]
"""An identity-based policy, the trust policy of a role, or a policy of another resource."""

NO_ACTIONS = "Policy statement must contain actions."
NO_PRINCIPAL = "Missing required field Principal"
_NO_JSON = {"identity": SYNTAX, "trust": "This policy contains invalid Json", "resource": SYNTAX}
_VERSIONS = ("2008-10-17", "2012-10-17")
_DOCUMENT_KEYS = {"Version", "Id", "Statement"}
_STATEMENT_KEYS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
_OPERATOR = re.compile(
    r"(ForAllValues:|ForAnyValue:)?(Null|(String(Not)?(Equals(IgnoreCase)?|Like)|(Numeric|Date)((Not)?Equals|"
    r"(Less|Greater)Than(Equals)?)|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like))(IfExists)?)"
)
_STS_ACTIONS = re.compile(
    r"sts:(AssumeRole(WithWebIdentity|WithSAML)?|TagSession|SetSourceIdentity|SetContext|\*|AssumeRole\*)",
    re.IGNORECASE,
)
_AWS_PRINCIPAL = re.compile(
    r"\*|\d{12}|arn:[a-z-]+:iam::\d{12}:(root|(user|role)/.+)|arn:[a-z-]+:sts::\d{12}:(assumed-role|federated-user)/.+|"
    r"A[A-Z]{3}[A-Z0-9]{12,}"
)


def faults(text: str, kind: Kind) -> Iterator[str]:
    """Yield the errors of a policy, as IAM's messages.

    Args:
        text: the policy document. Values that a preview does not know yet are accepted.
        kind: kind of the policy.
    """
    try:
        document = json.loads(text, object_pairs_hook=_object)
    except _TwiceError:
        yield SYNTAX
        return
    except ValueError:
        if UNKNOWN not in text:
            yield _NO_JSON[kind]
        return
    statements = document.get("Statement") if isinstance(document, dict) else None
    listed = [statements] if isinstance(statements, dict) else statements
    if not isinstance(listed, list) or not listed or not set(document) <= _DOCUMENT_KEYS:
        yield SYNTAX
        return
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS:
        yield SYNTAX
    for statement in listed:
        yield from _statement(statement, kind) if isinstance(statement, dict) else [SYNTAX]
    ids = [each["Sid"] for each in listed if isinstance(each, dict) and each.get("Sid")]
    if len(ids) != len(set(map(str, ids))):
        yield "Statement IDs (SID) in a single policy must be unique."


class _TwiceError(ValueError):
    """An object in a document has a duplicate key."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object from its pairs, without duplicate keys, as the grammar requires.

    Raises:
        _TwiceError: a key occurs twice. Not raised if a key is not known yet, because it could be any key.
    """
    found = dict(pairs)
    if len(found) < len(pairs) and not any(UNKNOWN in key for key in found):
        raise _TwiceError
    return found


def _statement(statement: Mapping[str, Any], kind: Kind) -> Iterator[str]:
    both = any(name in statement and f"Not{name}" in statement for name in ("Action", "Resource", "Principal"))
    if both or not set(statement) <= _STATEMENT_KEYS:
        yield SYNTAX
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield LEGACY if "Effect" in statement else SYNTAX
    sid = statement.get("Sid")
    if kind != "resource" and isinstance(sid, str) and UNKNOWN not in sid and not re.fullmatch("[0-9A-Za-z]*", sid):
        yield (
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
            "[0-9A-Za-z]*"
        )
    yield from _actions(statement)
    yield from _conditions(statement.get("Condition") or {})
    if kind == "trust":
        yield from _trust(statement)
    elif kind == "identity":
        yield from _identity(statement)
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    elif not (statement.get("Principal") or statement.get("NotPrincipal")):
        yield NO_PRINCIPAL


def _actions(statement: Mapping[str, Any]) -> Iterator[str]:
    actions = statement.get("Action", statement.get("NotAction"))
    if actions is None or actions == []:
        yield NO_ACTIONS
    for action in texts(actions):
        if action != "*" and ":" not in action:
            yield "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
        elif action.count(":") > 1:
            yield "Actions/Condition can contain only one colon."
        elif re.search("[*?].*:", action):
            yield "Action vendors (e.g., aws, ec2, etc.) must not contain wildcards."


def _conditions(conditions: Any) -> Iterator[str]:
    if isinstance(conditions, str) and UNKNOWN in conditions:
        return
    if not isinstance(conditions, Mapping) or not all(map(_OPERATOR.fullmatch, conditions)):
        yield SYNTAX
    else:
        yield from condition_faults(conditions)


def _identity(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yield the errors of an identity-based policy's statement, which has resources and no principal."""
    if "Principal" in statement or "NotPrincipal" in statement:
        yield "Policy document should not specify a principal."
    resources = statement.get("Resource", statement.get("NotResource"))
    if resources is None or resources == []:
        yield "Policy statement must contain resources."
    yield from resource_faults(statement)


def _trust(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yield the errors of a trust policy's statement, which has principals and no resource."""
    if "Resource" in statement or "NotResource" in statement:
        yield "Has prohibited field Resource"
    if any(not _STS_ACTIONS.fullmatch(action) for action in texts(statement.get("Action", []))):
        yield "AssumeRole policy may only specify STS AssumeRole actions."
    principal = statement.get("Principal")
    if isinstance(principal, str) and UNKNOWN not in principal:
        yield "AssumeRolepolicy contained an invalid principal"
    elif not isinstance(principal, str) and (not principal or [] in principal.values()):
        yield "The passed in policy has a statement with no principals!"
    for kind, value in principal_items(statement):
        wrong = (kind == "AWS" and not _AWS_PRINCIPAL.fullmatch(value)) or (
            kind == "Service" and not re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?", value)
        )
        if wrong:
            yield invalid_principal(kind, value)


def invalid_principal(kind: str, value: str) -> str:
    """Return IAM's message for an invalid principal."""
    return f'Invalid principal in policy: "{kind.upper()}":"{value}"'


def principal_items(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the known principals of a statement, each as its kind, such as `Service`, and its name."""
    principal = statement.get("Principal")
    for kind, value in principal.items() if isinstance(principal, Mapping) else ():
        for each in texts(value):
            yield kind, each
