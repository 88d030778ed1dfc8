"""Whether a request within one account is allowed, and AWS's words where it is not.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html and, for keys,
https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from localcloud.aws.iam.policy import NO_RESOURCE, Effect, Request, Statement, covers_caller, effect

Statements = Sequence[Statement]

OWN_POLICY = ("kms:", "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
"""How actions begin that the resource's own policy has to allow, or leave to the account: on keys and roles."""


@dataclass(frozen=True, kw_only=True)
class Policies:
    """The policies that decide on a request."""

    identity: Statements = ()
    """Of the role: inline and attached."""
    resource: Statements = ()
    """Of the resource: of a queue, key, secret or bucket."""
    boundary: Statements | None = None
    """The role's permissions boundary, if it has one."""
    session: Statements | None = None
    """The session's policy, if it was given one."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The answer to one request."""

    allowed: bool
    reason: str = ""
    """Why not, as AWS ends its message: `because no identity-based policy allows the sqs:SendMessage action`."""
    unknown: frozenset[str] = frozenset()
    """What could not be evaluated here and may have decided."""


def decide(request: Request, policies: Policies) -> Decision:
    """Decide on a request of a caller to a resource of its own account."""
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
    """Decide on an action that the trust policy of a role alone decides on: a service that takes the role."""
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
    """Whether a resource's policy allows this very session, which no boundary and no session policy then limits."""
    session = request.caller.session
    return bool(session) and effect([one for one in policy if _names(one, session)], request).allowed


def _names(statement: Statement, session: str) -> bool:
    principal = statement.body.get("Principal")
    named = principal.get("AWS") if isinstance(principal, dict) else None
    return session == named or (isinstance(named, list) and session in named)
