"""WSGI middleware before the account: who is not its owner is authorized, as by IAM, before moto sees the request."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from localcloud.aws.iam import answers, requests, resources
from localcloud.aws.iam.actions import actions
from localcloud.aws.iam.answers import Codes
from localcloud.aws.iam.context import context_of
from localcloud.aws.iam.decision import Decision, decide
from localcloud.aws.iam.denials import Denial, Denials
from localcloud.aws.iam.policy import Request
from localcloud.aws.iam.principals import ExpiredError, Principal, UnknownKeyError, find
from localcloud.aws.iam.requests import Call, Signature, Wire
from localcloud.aws.iam.resources import Resource
from localcloud.aws.recorder import Application, Environ, read_body
from localcloud.cloud import ACCESS_KEY

# What a service asks KMS for on behalf of the caller, where a customer's key encrypts the resource.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html,
# https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html,
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
KEY_ACTIONS = {
    "sqs:SendMessage": ("kms:GenerateDataKey", "kms:Decrypt"),
    "sqs:ReceiveMessage": ("kms:Decrypt",),
    "secretsmanager:GetSecretValue": ("kms:Decrypt",),
    "secretsmanager:PutSecretValue": ("kms:GenerateDataKey", "kms:Decrypt"),
    "s3:GetObject": ("kms:Decrypt",),
    "s3:PutObject": ("kms:GenerateDataKey",),
}
KEY_DENIED = {"sqs": Codes(json="KmsAccessDenied", query="KMS.AccessDeniedException", s3="", ec2="")}
# Allowed whatever policies say: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
ALWAYS = frozenset({("sts", "GetCallerIdentity")})
KEPT_BYTES = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a call is denied."""

    action: str
    resource: str
    decision: Decision
    codes: Codes = answers.DENIED


class Gate:
    """Passes on what the owner of the account asks for, and what policies allow others.

    Args:
        application: what answers requests that are allowed.
        account_id: the account.
        paused: within it, the account does not change.
        denials: told of what is denied.
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

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        wire = _wire(environ)
        signed = requests.signature(wire)
        if (signed and signed.key_id == ACCESS_KEY) or environ["PATH_INFO"].startswith("/moto-api"):
            return self._application(environ, start_response)
        refusal = self._refusal(wire, signed)
        if refusal is None:
            return self._application(environ, start_response)
        start_response(refusal.status, refusal.headers)
        return [refusal.body]

    def _refusal(self, wire: Wire, signed: Signature | None) -> answers.Answer | None:
        if signed is None:
            service = "" if "x-amz-target" in wire.headers else "s3"
            return answers.refusal(wire, service, answers.UNSIGNED, "Missing Authentication Token")
        with self._paused():
            try:
                principal = find(self._account_id, signed)
            except UnknownKeyError:
                message = "The security token included in the request is invalid."
                return answers.refusal(wire, signed.service, answers.UNKNOWN_KEY, message)
            except ExpiredError:
                message = "The security token included in the request is expired"
                return answers.refusal(wire, signed.service, answers.EXPIRED, message)
            call = requests.call(wire, signed)
            refused = _unknown(signed) if call is None else denied(principal, call, self._account_id)
        if refused is None:
            return None
        self._note(principal, signed, call if len(wire.body) <= KEPT_BYTES else None, refused)
        message = answers.denied(principal.arn, refused.action, refused.resource, refused.decision.reason)
        return answers.refusal(wire, signed.service, refused.codes, message)

    def _note(self, principal: Principal, signed: Signature, call: Call | None, refused: Refusal) -> None:
        def still() -> bool:
            with self._paused():
                try:
                    now = find(self._account_id, signed)
                except (UnknownKeyError, ExpiredError):
                    return False
                found = denied(now, call, self._account_id) if call else refused
            return found is not None and (found.action, found.resource) == (refused.action, refused.resource)

        denial = Denial(
            role=principal.role,
            action=refused.action,
            resource=refused.resource,
            reason=refused.decision.reason,
            service_account=principal.service_account,
            unknown=tuple(sorted(refused.decision.unknown)),
        )
        self._denials.note(denial, still)


def denied(principal: Principal, call: Call, account_id: str) -> Refusal | None:
    """The first action of a call that is not allowed, with its resource; None where all are."""
    if (call.service, call.operation) in ALWAYS:
        return None
    for action in actions(call):
        for resource in resources.named(call, action, account_id):
            refused = _denied(principal, call, action, resource, account_id=account_id)
            if refused:
                return refused
            for key_action in KEY_ACTIONS.get(action, ()) if resource.key else ():
                refused = _denied(
                    principal, call, key_action, resource.key or resource, account_id=account_id, of_service=resource
                )
                if refused:
                    return replace(refused, codes=KEY_DENIED.get(call.service, answers.DENIED))
    return None


def _denied(
    principal: Principal,
    call: Call,
    action: str,
    resource: Resource,
    *,
    account_id: str,
    of_service: Resource | None = None,
) -> Refusal | None:
    context = context_of(principal, call, resource, account_id=account_id, of_service=of_service)
    request = Request(action=action, resource=resource.arn, caller=principal.caller, context=context)
    decision = decide(request, replace(principal.policies, resource=resource.policy))
    if decision.allowed:
        return None
    return Refusal(action=action, resource=resource.arn or "*", decision=decision)


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
