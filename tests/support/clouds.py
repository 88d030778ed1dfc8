"""Records of a local cloud for tests that need only some of its values."""

from typing import Any

from localcloud.cloud import ACCOUNT_ID, Cloud


def cloud(**values: Any) -> Cloud:
    """Return a record with these values and placeholders for the others."""
    return Cloud(
        **{
            "name": "local",
            "pid": 1,
            "region": "eu-central-1",
            "account_id": ACCOUNT_ID,
            "aws_endpoint": "",
            "aws_access_key_id": "",
            "aws_secret_access_key": "",
            "kubeconfig": "",
            "kube_server": "",
            "kube_ca_pem": "",
            "kube_token": "",
            "postgres_host": "",
            "postgres_port": 0,
            "postgres_user": "",
            "postgres_password": "",
            "gateway_address": "127.0.0.1",
            "providers": {},
            **values,
        }
    )
