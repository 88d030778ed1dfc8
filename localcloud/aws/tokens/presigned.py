"""Creates and parses tokens of `aws eks get-token`: a presigned request for STS's GetCallerIdentity in base64.

The checks are those of EKS's authenticator, aws-iam-authenticator:
https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/token/token.go, and of Signature Version 4:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

PREFIX = "k8s-aws-v1."
CLUSTER_HEADER = "x-k8s-aws-id"
SESSION_NAME = "EKSGetTokenAuth"  # like the AWS CLI
LONGEST = timedelta(minutes=15)
_PARAMETERS = frozenset(
    {
        "Action",
        "Version",
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-SignedHeaders",
    }
)
_DATE = "%Y%m%dT%H%M%SZ"


class TokenError(Exception):
    """The token is invalid. The message is the reason."""


@dataclass(frozen=True, kw_only=True)
class Presigned:
    """A parsed token."""

    url: str
    """The request without its signature."""
    access_key_id: str
    region: str
    session_token: str
    """Session token of the access key. "" if it has none."""
    date: str
    """Time of the signature, in the format of the request."""
    signature: str


def parse(token: str, now: datetime) -> Presigned:
    """Parse a token and check everything but its signature.

    Args:
        token: the bearer token.
        now: current time with a time zone.

    Raises:
        TokenError: the token is malformed, has expired, or is not a request for GetCallerIdentity.
    """
    if not token.startswith(PREFIX):
        raise TokenError(f"the token does not start with {PREFIX}")
    encoded = token.removeprefix(PREFIX)
    try:
        url = urlsplit(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())
        query = parse_qsl(url.query, strict_parsing=True, keep_blank_values=True)
        # The authenticator only accepts hosts in lower case. Reading an invalid port raises ValueError.
        has_address = bool(url.hostname) and url.netloc == url.netloc.lower() and url.port != 0
    except (Base64Error, UnicodeDecodeError, ValueError) as error:
        raise TokenError("the token is not a URL in base64") from error
    values = dict(query)
    if len(query) != len(values):
        raise TokenError("a query parameter of the request occurs twice")
    if "X-Amz-Signature" not in values:
        raise TokenError("the token is not a presigned URL")
    signature = values.pop("X-Amz-Signature")
    if not _PARAMETERS.issuperset(values):
        raise TokenError(
            f"parameters of the request that are not allowed: {', '.join(sorted({*values} - _PARAMETERS))}"
        )
    if url.scheme not in ("http", "https") or not has_address or url.fragment or url.path not in ("", "/"):
        raise TokenError("the URL is not one of STS")
    if values.get("Action") != "GetCallerIdentity":
        raise TokenError("the request is not one for GetCallerIdentity")
    if CLUSTER_HEADER not in values.get("X-Amz-SignedHeaders", "").split(";"):
        raise TokenError(f"the header {CLUSTER_HEADER} is not signed")
    key, _, scope = values.get("X-Amz-Credential", "").partition("/")
    if len(scope.split("/")) != 4 or scope.split("/")[2:] != ["sts", "aws4_request"]:
        raise TokenError("the credential is not one for STS")
    _refuse_late(values, now)
    return Presigned(
        url=url._replace(query=urlencode([pair for pair in query if pair[0] != "X-Amz-Signature"])).geturl(),
        access_key_id=key,
        region=scope.split("/")[1],
        session_token=values.get("X-Amz-Security-Token", ""),
        date=values["X-Amz-Date"],
        signature=signature,
    )


def presign(cluster: str, region: str, seconds: int = 60, role_arn: str | None = None) -> str:
    """Create a token for a cluster, with the access key of the environment or as a role that is assumed with it."""
    from botocore.session import get_session  # noqa: PLC0415 - slow to load

    def add_header(request: Any, **_: Any) -> None:
        request.headers[CLUSTER_HEADER] = cluster

    client: Any = get_session().create_client("sts", region_name=region)
    if role_arn:
        taken = client.assume_role(RoleArn=role_arn, RoleSessionName=SESSION_NAME)["Credentials"]
        client = get_session().create_client(
            "sts",
            region_name=region,
            aws_access_key_id=taken["AccessKeyId"],
            aws_secret_access_key=taken["SecretAccessKey"],
            aws_session_token=taken["SessionToken"],
        )
    client.meta.events.register("before-sign.sts.GetCallerIdentity", add_header)
    url = client.generate_presigned_url("get_caller_identity", ExpiresIn=seconds, HttpMethod="GET")
    return PREFIX + urlsafe_b64encode(url.encode()).decode().rstrip("=")


def is_signed_by(token: Presigned, secret_access_key: str, cluster: str) -> bool:
    """Return whether a token was signed with a secret key, for a cluster."""
    key = token.access_key_id, secret_access_key
    expected = signature_of(token.url, key, ("sts", token.region), token.date, {CLUSTER_HEADER: cluster})
    return hmac.compare_digest(expected.encode(), token.signature.encode())


def signature_of(url: str, key: tuple[str, str], scope: tuple[str, str], date: str, headers: Mapping[str, str]) -> str:
    """Return the signature of a presigned GET request.

    Args:
        url: the request without its signature.
        key: access key id and secret key.
        scope: service name and region of the signature.
        date: time of the signature, in the format of the request.
        headers: signed headers, without the host.
    """
    from botocore.auth import SigV4QueryAuth  # noqa: PLC0415 - slow to load, and only the server needs it
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415
    from botocore.credentials import Credentials  # noqa: PLC0415

    auth = SigV4QueryAuth(Credentials(*key), *scope)
    request = AWSRequest(method="GET", url=url, headers=dict(headers))
    request.context["timestamp"] = date
    return str(auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request))


def _refuse_late(values: dict[str, str], now: datetime) -> None:
    try:
        signed = datetime.strptime(values.get("X-Amz-Date", ""), _DATE).replace(tzinfo=UTC)
        seconds = int(values.get("X-Amz-Expires", ""))
    except ValueError as error:
        raise TokenError("X-Amz-Date or X-Amz-Expires is missing or invalid") from error
    # The authenticator only checks that X-Amz-Expires is within its limit. A token is always valid for that limit.
    if not 0 <= seconds <= LONGEST.total_seconds():
        raise TokenError(f"X-Amz-Expires is {seconds}, and at most {LONGEST.total_seconds():.0f} is accepted")
    if not signed - LONGEST < now < signed + LONGEST:
        raise TokenError(f"the token was signed at {values['X-Amz-Date']} and is valid for 15 minutes")
