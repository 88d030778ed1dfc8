"""IAM database authentication: a token of this process's AWS role signs in to PostgreSQL in place of a password."""

import os
from functools import cache
from typing import Any

TOKEN_SECONDS = 900  # the longest that RDS accepts


class SignInError(Exception):
    """There are no AWS credentials, or no region; the message says what to set."""


def iam_token(host: str, port: int, user: str) -> str:
    """Return a new token. It is signed locally; AWS is called only to renew the credentials of the role.

    RDS accepts a token for 15 minutes, and checks it only when a connection is made. Raises SignInError.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.Connecting.html
    """
    from botocore.auth import SigV4QueryAuth  # noqa: PLC0415 (slow to import, and not needed with a password)
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415

    credentials = _session().get_credentials()
    if credentials is None:
        raise SignInError("DB_AUTH is iam, but this process has no AWS credentials")
    request = AWSRequest(method="GET", url=f"https://{host}:{port}/?Action=connect&DBUser={user}")
    SigV4QueryAuth(credentials.get_frozen_credentials(), "rds-db", _region(), expires=TOKEN_SECONDS).add_auth(request)
    return str(request.url).removeprefix("https://")


@cache
def _session() -> Any:
    from botocore.session import get_session  # noqa: PLC0415

    return get_session()


def _region() -> str:
    region = os.environ.get("AWS_REGION") or _session().get_config_variable("region")
    if not region:
        raise SignInError("DB_AUTH is iam, but the region of the database is unknown; set AWS_REGION")
    return str(region)
