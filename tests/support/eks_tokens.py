"""Tokens like those of `aws eks get-token`, presigned by botocore as for the AWS CLI."""

from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Any
from unittest.mock import patch

import botocore.session

PREFIX = "k8s-aws-v1."


def get_token(
    cluster: str,
    access_key_id: str,
    secret_access_key: str,
    session_token: str | None = None,
    *,
    at: datetime | None = None,
    seconds: int = 60,
    region: str = "eu-central-1",
) -> str:
    """Create a token for a cluster.

    Args:
        cluster: name of the cluster.
        access_key_id: access key of the signer.
        secret_access_key: secret of the access key.
        session_token: token of the session, if there is one.
        at: time of the signature; None for now.
        seconds: X-Amz-Expires.
        region: of STS.
    """

    def add_header(request: Any, **_: Any) -> None:
        request.headers["x-k8s-aws-id"] = cluster

    client = botocore.session.get_session().create_client(
        "sts",
        region_name=region,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        aws_session_token=session_token,
    )
    client.meta.events.register("before-sign.sts.GetCallerIdentity", add_header)
    arguments: dict[str, Any] = {"ExpiresIn": seconds, "HttpMethod": "GET"}
    if at is None:
        url = client.generate_presigned_url("get_caller_identity", **arguments)
    else:
        with patch("botocore.auth.get_current_datetime", return_value=at):
            url = client.generate_presigned_url("get_caller_identity", **arguments)
    return PREFIX + urlsafe_b64encode(url.encode()).decode().rstrip("=")
