"""Validates tokens of IAM database authentication: a presigned request for `connect`, without `https://`.

RDS accepts a token for 15 minutes if IAM allows its signer `rds-db:connect` on the user. Sources:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html and botocore's
`generate_db_auth_token`.
"""

import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from localcloud.aws.iam.context import context_of
from localcloud.aws.iam.decision import Decision, decide
from localcloud.aws.iam.policy import Request
from localcloud.aws.iam.principals import ExpiredError, Principal, UnknownKeyError, find, holder_of, owner
from localcloud.aws.iam.requests import Call, Signature
from localcloud.aws.iam.resources import Resource
from localcloud.aws.tokens.presigned import TokenError, signature_of
from localcloud.cloud import ACCESS_KEY

ACTION, SERVICE = "rds-db:connect", "rds-db"
LONGEST_SECONDS = 900
SKEW = timedelta(minutes=5)
_DATE = "%Y%m%dT%H%M%SZ"

Decided = Callable[[Principal, str, str, Decision, Callable[[], bool]], None]
"""Records a decision, as `Gate.note` does."""


def refusal(
    asked: Mapping[str, str],
    account: tuple[str, str],
    now: datetime | None = None,
    decided: Decided = lambda *_: None,
) -> str:
    """Return the reason why a token is refused, or "" if it is accepted.

    Args:
        asked: `token`, and `user` and `database` of the connection.
        account: id and region of the account.
        now: time with a time zone. None for the current time.
        decided: called with the decision of IAM, if the token is valid.
    """
    try:
        instance = _instance(asked["database"], account)
        signed, principal = _require(asked["token"], asked["user"], instance, account, now)
        arn = f"arn:aws:rds-db:{account[1]}:{account[0]}:dbuser:{instance.dbi_resource_id}/{asked['user']}"
        _authorize(signed, principal, arn, account, decided)
    except TokenError as error:
        return str(error)
    return ""


def _require(
    token: str, user: str, instance: Any, account: tuple[str, str], now: datetime | None
) -> tuple[Signature, Principal]:
    """Return the signature of a valid token, and its signer."""
    account_id, region = account
    try:
        url = urlsplit(f"https://{token}")
    except ValueError:  # a password that is not a URL, such as one with a bracket
        raise TokenError("it is not a presigned request") from None
    query = parse_qsl(url.query, keep_blank_values=True)
    values = dict(query)
    if len(values) != len(query) or "X-Amz-Signature" not in values:
        raise TokenError("it is not a presigned request")
    if values.get("Action") != "connect" or values.get("DBUser") != user or url.path not in ("", "/"):
        raise TokenError("it is not for this user")
    if url.netloc != f"{instance.address}:{instance.endpoint['Port']}":
        raise TokenError("it is not for this endpoint")
    key_id, _, scope = values.get("X-Amz-Credential", "").partition("/")
    if scope.split("/")[1:] != [region, SERVICE, "aws4_request"]:
        raise TokenError("it is not signed for databases of this region")
    _refuse_late(values, now or datetime.now(UTC))
    signed = Signature(key_id=key_id, region=region, service=SERVICE, token=values.get("X-Amz-Security-Token", ""))
    secret, principal = _signer(signed, account_id)
    unsigned = url._replace(query=urlencode([pair for pair in query if pair[0] != "X-Amz-Signature"])).geturl()
    expected = signature_of(unsigned, (key_id, secret), (SERVICE, region), values["X-Amz-Date"], {})
    if not hmac.compare_digest(expected.encode(), values["X-Amz-Signature"].encode()):
        raise TokenError("its signature is wrong")
    return signed, principal


def _signer(signed: Signature, account_id: str) -> tuple[str, Principal]:
    """Return the secret key and the principal of the access key."""
    if signed.key_id == ACCESS_KEY:
        return ACCESS_KEY, owner(account_id)
    try:
        return holder_of(account_id, signed.key_id, signed.token).secret, find(account_id, signed)
    except UnknownKeyError:
        raise TokenError("its access key is not in this account") from None
    except ExpiredError:
        raise TokenError("the session that signed it has expired") from None


def _authorize(signed: Signature, principal: Principal, arn: str, account: tuple[str, str], decided: Decided) -> None:
    def denied_again() -> bool:
        try:
            return not _decision(find(account[0], signed), arn, account).allowed
        except (UnknownKeyError, ExpiredError):
            return False

    decision = _decision(principal, arn, account)
    decided(principal, ACTION, arn, decision, denied_again)
    if not decision.allowed:
        raise TokenError(f"{principal.arn} is not authorized to perform: {ACTION} on {arn} {decision.reason}")


def _decision(principal: Principal, arn: str, account: tuple[str, str]) -> Decision:
    account_id, region = account
    call = Call(service=SERVICE, operation="connect", parameters={}, region=region)
    context = context_of(principal, call, Resource(arn=arn), account_id=account_id)
    return decide(Request(action=ACTION, resource=arn, caller=principal.caller, context=context), principal.policies)


def _instance(database: str, account: tuple[str, str]) -> Any:
    """Return the instance of a database. The local cloud has one server for all instances."""
    account_id, region = account
    from moto.rds.models import rds_backends  # noqa: PLC0415 - slow to load, and only the server needs it

    for instance in rds_backends[account_id][region].databases.values():
        if instance.db_name == database:
            if not instance.enable_iam_database_authentication:
                raise TokenError(f"IAM database authentication is off at {instance.db_instance_identifier}")
            return instance
    raise TokenError(f"no instance has the database {database}")


def _refuse_late(values: Mapping[str, str], now: datetime) -> None:
    try:
        signed = datetime.strptime(values.get("X-Amz-Date", ""), _DATE).replace(tzinfo=UTC)
        seconds = int(values.get("X-Amz-Expires", ""))
    except ValueError:
        raise TokenError("X-Amz-Date or X-Amz-Expires is missing or invalid") from None
    if not 0 < seconds <= LONGEST_SECONDS:
        raise TokenError(f"X-Amz-Expires is {seconds}, and at most {LONGEST_SECONDS} is accepted")
    if not signed - SKEW < now < signed + timedelta(seconds=seconds):
        raise TokenError("it has expired, or is not valid yet")
