"""HTTP responses for refused requests, in the protocol of the request.

Sources of the error codes and statuses: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html, and the
same page of each service. SQS returns `AccessDenied` with the action in lower case, as in
https://github.com/RaiderIO/keystone.guru/issues/3901.
"""

import json
from dataclasses import dataclass
from xml.sax.saxutils import escape

from localcloud.aws.iam.requests import Wire, keeps_query_codes


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP response."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Codes:
    """The error codes of one kind of refusal, by protocol."""

    json: str
    query: str
    s3: str
    ec2: str


DENIED = Codes(json="AccessDeniedException", query="AccessDenied", s3="AccessDenied", ec2="UnauthorizedOperation")
UNKNOWN_KEY = Codes(
    json="UnrecognizedClientException", query="InvalidClientTokenId", s3="InvalidAccessKeyId", ec2="AuthFailure"
)
UNSIGNED = Codes(
    json="MissingAuthenticationTokenException",
    query="MissingAuthenticationToken",
    s3="AccessDenied",
    ec2="MissingAuthenticationToken",
)
EXPIRED = Codes(json="ExpiredTokenException", query="ExpiredToken", s3="ExpiredToken", ec2="RequestExpired")
SIGNATURE = Codes(
    json="InvalidSignatureException", query="SignatureDoesNotMatch", s3="SignatureDoesNotMatch", ec2="AuthFailure"
)


def refusal(wire: Wire, service: str, codes: Codes, message: str) -> Answer:
    """Return a refusal in the format of the service."""
    if service == "sqs":
        message = _lower_actions(message)
    if "x-amz-target" in wire.headers:
        headers = [("Content-Type", "application/x-amz-json-1.0")]
        old_codes = keeps_query_codes(service)
        if old_codes:
            headers.append(("x-amzn-query-error", f"{codes.query};Sender"))
        body = json.dumps({"__type": codes.json, "message": message, "Message": message}).encode()
        return Answer(status="403 Forbidden" if old_codes else "400 Bad Request", headers=headers, body=body)
    if service == "s3":
        return _xml(f"<Error><Code>{codes.s3}</Code><Message>{escape(message)}</Message></Error>")
    if service == "ec2":
        error = f"<Error><Code>{codes.ec2}</Code><Message>{escape(message)}</Message></Error>"
        return _xml(f"<Response><Errors>{error}</Errors><RequestID>local</RequestID></Response>")
    if _is_query(wire):
        error = f"<Type>Sender</Type><Code>{codes.query}</Code><Message>{escape(message)}</Message>"
        return _xml(f"<ErrorResponse><Error>{error}</Error><RequestId>local</RequestId></ErrorResponse>")
    headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", codes.json)]
    return Answer(status="403 Forbidden", headers=headers, body=json.dumps({"message": message}).encode())


def denied(who: str, action: str, resource: str | None, reason: str) -> str:
    """Return AWS's message for denied access.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    on = f" on resource: {resource}" if resource not in {None, "*"} else ""
    return f"User: {who} is not authorized to perform: {action}{on} {reason}"


def _lower_actions(message: str) -> str:
    words = message.split(" ")
    return " ".join(word.lower() if word.startswith("sqs:") else word for word in words)


def _is_query(wire: Wire) -> bool:
    form = wire.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    return form or "Action=" in wire.query


def _xml(text: str) -> Answer:
    return Answer(
        status="403 Forbidden",
        headers=[("Content-Type", "text/xml")],
        body=f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode(),
    )
