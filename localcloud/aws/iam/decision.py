"""Decides whether a request within one account is allowed, with AWS's reason if it is not.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html and, for keys,
https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from localcloud.aws.iam.policy import NO_RESOURCE, Effect, Request, Statement, covers_caller, effect

Statements = Sequence[Statement]

OWN_POLICY = ("kms:", "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
"""Prefixes of the actions on keys and roles that the resource's own policy must allow or delegate to the account."""


@dataclass(frozen=True, kw_only=True)
class Policies:
    """The policies that apply to a request."""

    identity: Statements = ()
    """Inline and attached policies of the role."""
    resource: Statements = ()
    """Policy of the resource: of a queue, key, secret, bucket or role."""
    boundary: Statements | None = None
    """Permissions boundary of the role. None if it has none."""
    session: Statements | None = None
    """Policies of the session. None if it has none."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The decision about one request."""

    allowed: bool
    reason: str = ""
    """Reason of a denial, the end of AWS's message: `because no identity-based policy allows the ... action`."""
    unknown: frozenset[str] = frozenset()
    """Keys, operators and resources that could not be evaluated and could change the decision."""


def decide(request: Request, policies: Policies) -> Decision:
    """Decide whether a caller's request to a resource of its own account is allowed."""
    effects = {
        "identity-based policy": effect(policies.identity, request),
        "permissions boundary": _limit(policies.boundary, request),
        "session policy": _limit(policies.session, request),
    }
    directly, for_account = (
        effect([one for one in policies.resource if covers_caller(one, request.caller) == who], request)
        for who in ("caller", "account")
    )
    unknown = frozenset().union(*(each.unknown for each in (*effects.values(), directly, for_account)))
    denying = next((kind for kind, each in effects.items() if each.denied), "")
    if directly.denied or for_account.denied:
        denying = "resource-based policy"
    if denying:
        article = "an" if denying.startswith("i") else "a"
        return Decision(allowed=False, reason=f"with an explicit deny in {article} {denying}", unknown=unknown)
    if _names_session(policies.resource, request):
        return Decision(allowed=True)
    lacking = [kind for kind, each in effects.items() if not each.allowed]
    if directly.allowed:
        lacking = [kind for kind in lacking if kind != "identity-based policy"]
    elif request.action.startswith(OWN_POLICY) and request.resource != NO_RESOURCE and not for_account.allowed:
        lacking = ["resource-based policy"]
    if lacking:
        reason = f"because no {lacking[0]} allows the {request.action} action"
        return Decision(allowed=False, reason=reason, unknown=unknown)
    return Decision(allowed=True)


def trusts(trust_policy: Statements, request: Request) -> Decision:
    """Decide whether a role's trust policy allows a request. No other policy applies when a service assumes a role."""
    said = effect([one for one in trust_policy if covers_caller(one, request.caller) == "caller"], request)
    if said.denied:
        return Decision(allowed=False, reason="with an explicit deny in its trust policy", unknown=said.unknown)
    if not said.allowed:
        reason = f"because its trust policy does not allow the {request.action} action"
        return Decision(allowed=False, reason=reason, unknown=said.unknown)
    return Decision(allowed=True)


def _limit(policy: Statements | None, request: Request) -> Effect:
    return Effect(allowed=True) if policy is None else effect(policy, request)


def _names_session(policy: Statements, request: Request) -> bool:
    """Return whether a resource's policy allows the session by its ARN.

    Permissions boundaries and session policies do not limit such a request.
    """
    session = request.caller.session
    return bool(session) and effect([one for one in policy if _names(one, session)], request).allowed


def _names(statement: Statement, session: str) -> bool:
    principal = statement.body.get("Principal")
    named = principal.get("AWS") if isinstance(principal, dict) else None
    return session == named or (isinstance(named, list) and session in named)
