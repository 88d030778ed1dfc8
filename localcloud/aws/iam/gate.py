"""WSGI middleware that authorizes requests to the account like IAM, before moto handles them.

The owner of the account may do everything, except assume a role that does not trust them.
"""

import secrets
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from localcloud.aws.iam import answers, requests
from localcloud.aws.iam.answers import Codes
from localcloud.aws.iam.context import context_of
from localcloud.aws.iam.decision import Decision, decide
from localcloud.aws.iam.denials import Denial, Denials
from localcloud.aws.iam.needs import needs
from localcloud.aws.iam.policy import Request
from localcloud.aws.iam.principals import ExpiredError, Principal, UnknownKeyError, find, owner
from localcloud.aws.iam.requests import Call, Signature, Wire
from localcloud.aws.iam.uses import Uses
from localcloud.aws.wsgi import Application, Environ, read_body
from localcloud.cloud import ACCESS_KEY

# Allowed regardless of policies: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
ALWAYS = frozenset({("sts", "GetCallerIdentity")})
KEPT_BYTES = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Reason why a call is denied."""

    action: str
    resource: str
    decision: Decision
    codes: Codes = answers.DENIED


class Gate:
    """Forwards the requests of the account's owner, and of other callers if policies allow them.

    Args:
        application: WSGI application that handles allowed requests.
        account_id: id of the account.
        paused: context manager. The account does not change while it is active.
        denials: records denied requests.
    """

    def __init__(
        self,
        application: Application,
        account_id: str,
        paused: Callable[[], AbstractContextManager[None]],
        denials: Denials,
    ) -> None:
        self._application = application
        self._account_id = account_id
        self._paused = paused
        self._denials = denials
        self.uses = Uses()
        """The actions that roles have used."""
        self.own_key = secrets.token_hex(16)
        """Access key id and secret key of the account's services, such as EKS. Their requests are not authorized."""

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Handle a request."""
        wire = _wire(environ)
        signed = requests.signature(wire)
        if self._is_free(wire, signed, environ["PATH_INFO"]):
            return self._application(environ, start_response)
        refusal = self._refusal(wire, signed)
        if refusal is None:
            return self._application(environ, start_response)
        start_response(refusal.status, refusal.headers)
        return [refusal.body]

    def _is_free(self, wire: Wire, signed: Signature | None, path: str) -> bool:
        """Return whether a request needs no authorization: of the owner, of a service, or for moto's own API."""
        if signed is None or signed.key_id not in {ACCESS_KEY, self.own_key}:
            return path.startswith("/moto-api")
        # Even the owner cannot assume a role that does not trust them.
        takes_role = signed.service == "sts" and "AssumeRole" in f"{wire.query}{wire.body.decode('utf-8', 'replace')}"
        return signed.key_id == self.own_key or not takes_role

    def _principal(self, signed: Signature) -> Principal:
        return owner(self._account_id) if signed.key_id == ACCESS_KEY else find(self._account_id, signed)

    def _refusal(self, wire: Wire, signed: Signature | None) -> answers.Answer | None:
        if signed is None:
            service = "" if "x-amz-target" in wire.headers else "s3"
            return answers.refusal(wire, service, answers.UNSIGNED, "Missing Authentication Token")
        with self._paused():
            try:
                principal = self._principal(signed)
            except UnknownKeyError:
                message = "The security token included in the request is invalid."
                return answers.refusal(wire, signed.service, answers.UNKNOWN_KEY, message)
            except ExpiredError:
                message = "The security token included in the request is expired"
                return answers.refusal(wire, signed.service, answers.EXPIRED, message)
            call = requests.call(wire, signed)
            refused = _unknown(signed) if call is None else denied(principal, call, self._account_id, self.uses)
        if refused is None:
            return None
        self._note(principal, signed, call if len(wire.body) <= KEPT_BYTES else None, refused)
        message = answers.denied(principal.arn, refused.action, refused.resource, refused.decision.reason)
        return answers.refusal(wire, signed.service, refused.codes, message)

    def _note(self, principal: Principal, signed: Signature, call: Call | None, refused: Refusal) -> None:
        def still() -> bool:
            try:
                now = self._principal(signed)
            except (UnknownKeyError, ExpiredError):
                return False
            found = denied(now, call, self._account_id) if call else refused
            return found is not None and (found.action, found.resource) == (refused.action, refused.resource)

        self.note(principal, refused.action, refused.resource, refused.decision, still)

    def note(
        self, principal: Principal, action: str, resource: str, decision: Decision, still: Callable[[], bool]
    ) -> None:
        """Record a decision about an action, as a use or as a denial.

        Args:
            principal: the principal of the request.
            action: the action with its prefix.
            resource: ARN of the resource.
            decision: the decision.
            still: returns whether the same action would still be denied. Called later, while the account is paused.
        """
        if decision.allowed:
            self.uses.note(principal.role, [action])
            return

        def paused() -> bool:
            with self._paused():
                return still()

        denial = Denial(
            role=principal.role,
            action=action,
            resource=resource,
            reason=decision.reason,
            service_account=principal.service_account,
            unknown=tuple(sorted(decision.unknown)),
        )
        self._denials.note(denial, paused)


def denied(principal: Principal, call: Call, account_id: str, uses: Uses | None = None) -> Refusal | None:
    """Return the first denied action of a call, or None if all are allowed. Record allowed actions in `uses`."""
    if (call.service, call.operation) in ALWAYS:
        return None
    call = passing_on(call, principal)
    needed = list(needs(call, account_id))
    for need in needed:
        context = context_of(
            principal,
            call,
            need.resource,
            account_id=account_id,
            of_service=need.of_service,
            more=need.context,
        )
        request = Request(action=need.action, resource=need.resource.arn, caller=principal.caller, context=context)
        decision = decide(request, replace(principal.policies, resource=need.resource.policy))
        if not decision.allowed:
            return Refusal(action=need.action, resource=need.resource.arn or "*", decision=decision, codes=need.codes)
    if uses:
        uses.note(principal.role, (need.action for need in needed))
    return None


def passing_on(call: Call, principal: Principal) -> Call:
    """Add the transitive tags and the source identity of the caller's session to an AssumeRole call.

    The new session inherits them, so the role must allow them as if the caller had requested them.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
    """
    if (call.service, call.operation) != ("sts", "AssumeRole"):
        return call
    asked = call.parameters
    tags = [*(asked.get("Tags") or ()), *principal.passed_on.get("Tags", ())]
    identity = asked.get("SourceIdentity") or principal.passed_on.get("SourceIdentity")
    more = {name: value for name, value in (("Tags", tags), ("SourceIdentity", identity)) if value}
    return replace(call, parameters={**asked, **more})


def _unknown(signed: Signature) -> Refusal:
    reason = "because the local account does not know which operation is asked for"
    return Refusal(action=f"{signed.service}:?", resource="*", decision=Decision(allowed=False, reason=reason))


def _wire(environ: Environ) -> Wire:
    headers = {
        key.removeprefix("HTTP_").replace("_", "-").lower(): value
        for key, value in environ.items()
        if key.startswith("HTTP_") or key in {"CONTENT_TYPE", "CONTENT_LENGTH"}
    }
    path, _, query = environ["RAW_URI"].partition("?")
    return Wire(method=environ["REQUEST_METHOD"], path=path, query=query, headers=headers, body=read_body(environ))
