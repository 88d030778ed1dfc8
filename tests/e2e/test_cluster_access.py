"""Authentication and authorization at the real API server with the tokens of `aws eks get-token`."""

import json
import ssl
from collections.abc import Mapping

import boto3
import httpx
import pytest

from localcloud.cloud import Cloud
from tests.e2e.checkout import Checkout
from tests.e2e.conftest import client
from tests.support.eks_tokens import get_token
from tests.support.service import until

pytestmark = pytest.mark.e2e


def status(cloud: Cloud, path: str, token: str) -> int:
    """Return the status with which the API server answers a token."""
    context = ssl.create_default_context(cadata=cloud.kube_ca_pem)
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(cloud.kube_server + path, headers=headers, verify=context, trust_env=False).status_code


def session_of(aws: boto3.Session, exports: Mapping[str, str], role: str) -> tuple[str, str, str]:
    """Return access key, secret key and session token of a role, by its ARN."""
    keys = client(aws, exports, "sts").assume_role(RoleArn=role, RoleSessionName="one")["Credentials"]
    return keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]


def test_each_administrator_role_is_authorized_in_the_cluster(
    platform: Checkout, aws: boto3.Session, exports: dict[str, str]
) -> None:
    """The deployment role and the administrator role may read Secrets through the access entries of the program."""
    cluster = platform.outputs()["cluster_name"]
    for name in ("drydock-local-deploy", "drydock-local-admin"):
        token = get_token(cluster, *session_of(aws, exports, f"arn:aws:iam::123456789012:role/{name}"))
        assert status(platform.cloud(), "/api/v1/secrets", token) == 200, name


ANYBODY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}],
    }
)


def test_a_token_of_eks_needs_an_access_entry_and_an_access_policy(
    platform: Checkout, aws: boto3.Session, exports: dict[str, str]
) -> None:
    """The token gets 401 without an access entry, 403 without a policy, and what the access policy allows with one.

    The API server is real. A forged token gets 401."""
    cluster, cloud = platform.outputs()["cluster_name"], platform.cloud()
    iam, eks = client(aws, exports, "iam"), client(aws, exports, "eks")
    role = iam.create_role(RoleName="viewer", AssumeRolePolicyDocument=ANYBODY)["Role"]["Arn"]
    keys = session_of(aws, exports, role)
    view = {
        "clusterName": cluster,
        "principalArn": role,
        "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
    }

    def viewer() -> tuple[int, int]:
        token = get_token(cluster, *keys)
        return status(cloud, "/api/v1/pods", token), status(cloud, "/api/v1/secrets", token)

    try:
        assert viewer() == (401, 401)
        eks.create_access_entry(clusterName=cluster, principalArn=role)
        assert viewer() == (403, 403)
        eks.associate_access_policy(**view, accessScope={"type": "cluster"})
        until(lambda: viewer() == (200, 403))
        eks.associate_access_policy(**view, accessScope={"type": "namespace", "namespaces": ["default"]})
        until(lambda: viewer() == (403, 403))
        eks.disassociate_access_policy(**view)
        eks.delete_access_entry(clusterName=cluster, principalArn=role)
        until(lambda: viewer() == (401, 401))
    finally:
        iam.delete_role(RoleName="viewer")
    owner = get_token(cluster, exports["AWS_ACCESS_KEY_ID"], exports["AWS_SECRET_ACCESS_KEY"])
    assert status(cloud, "/api/v1/secrets", owner) == 200
    assert status(cloud, "/api/v1/secrets", owner[:-4] + "AAAA") == 401
