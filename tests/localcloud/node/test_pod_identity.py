"""Pods get credentials of the role that is associated with their ServiceAccount, and no others."""

import json
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from botocore.exceptions import CredentialRetrievalError

from tests.localcloud.node.conftest import CLUSTER_ARN, TRUST, owner
from tests.localcloud.node.test_agent import address, pod_spec, ready_pod
from tests.support.node import NodeStage, eventually, fetch

VARIABLES = (
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_STS_REGIONAL_ENDPOINTS",
)


def run_pod(stage: NodeStage, name: str, service_account: str) -> tuple[Any, dict[str, str]]:
    """Run a pod of this ServiceAccount until it is ready; return it and its AWS variables."""
    namespace = stage.namespace("identity")
    if stage.call("GET", f"{namespace}/serviceaccounts/{service_account}") is None:
        stage.create(f"{namespace}/serviceaccounts", {"metadata": {"name": service_account}})
    spec = {**pod_spec(stage), "serviceAccountName": service_account}
    stage.create(f"{namespace}/pods", {"metadata": {"name": name}, "spec": spec})
    pod = ready_pod(stage, f"{namespace}/pods/{name}")
    found = {key: fetch(f"http://{address(pod)}:8080/env/{key}") or "-" for key in VARIABLES}
    return pod, {key: value for key, value in found.items() if value != "-"}


def identity(variables: dict[str, str], endpoint: str) -> dict[str, Any]:
    """Return the identity of an SDK with these variables."""
    environment = {**variables, "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/none-such"}
    with patch.dict(os.environ, environment, clear=True):
        sts = boto3.Session().client("sts", region_name="eu-central-1", endpoint_url=endpoint)
        return dict(sts.get_caller_identity())


def test_a_pod_has_the_session_of_its_role(stage: NodeStage, cluster: Any, endpoint: str) -> None:
    """boto3 finds it with the variables of EKS; the token is private, and in no log."""
    pod, variables = run_pod(stage, "worker", "jobs")
    file = Path(variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"])

    arn = identity(variables, endpoint)["Arn"]

    assert arn.startswith("arn:aws:sts::123456789012:assumed-role/jobs/eks-platform-worker-")
    assert variables["AWS_STS_REGIONAL_ENDPOINTS"] == "regional"
    assert stage.state / "pods" / pod["metadata"]["uid"] in file.parents
    assert file.resolve().stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert not [log for log in (stage.state / "logs").rglob("*.log") if file.read_text() in log.read_text()]


def test_a_pod_without_association_has_no_credentials(stage: NodeStage, cluster: Any) -> None:
    """It is the same on AWS."""
    pod, variables = run_pod(stage, "bare", "other")

    assert variables == {}
    assert fetch(f"http://{address(pod)}:8080/env/AWS_ACCESS_KEY_ID") == "-"


def test_refuses_other_tokens(stage: NodeStage, cluster: Any, endpoint: str) -> None:
    """Refused are no token, the administrator's token, and one for another audience."""
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": ["vault"]}}
    run_pod(stage, "audience", "jobs")
    path = f"{stage.namespace('identity')}/serviceaccounts/jobs/token"
    elsewhere = stage.create(path, body)["status"]["token"]

    for token in ("", "x", stage.cloud.kube_token, elsewhere):
        request = urllib.request.Request(f"{endpoint}/drydock/v1/credentials", headers={"Authorization": token})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        assert refused.value.code == 401, token


def test_a_role_that_does_not_trust_eks_yields_no_credentials(stage: NodeStage, cluster: Any, endpoint: str) -> None:
    """The error of the SDK has the endpoint's message with principal, action and role."""
    other = json.loads(json.dumps(TRUST))
    other["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"] = CLUSTER_ARN.replace("platform", "other")
    role = owner(endpoint, "iam").create_role(RoleName="distrust", AssumeRolePolicyDocument=json.dumps(other))
    cluster.create_pod_identity_association(
        clusterName="platform", namespace="identity", serviceAccount="distrusted", roleArn=role["Role"]["Arn"]
    )
    _, variables = run_pod(stage, "distrusted", "distrusted")

    with pytest.raises(
        CredentialRetrievalError, match=r"pods\.eks\.amazonaws\.com may not sts:AssumeRole .*role/distrust"
    ):
        identity(variables, endpoint)


def test_a_deleted_pod_loses_its_credentials(stage: NodeStage, cluster: Any, endpoint: str) -> None:
    """Its token is bound to the pod."""
    _, variables = run_pod(stage, "gone", "jobs")
    token = Path(variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]).read_text()
    path = f"{stage.namespace('identity')}/pods/gone"
    stage.call("DELETE", path)
    eventually(lambda: stage.call("GET", path) is None)
    url = variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"]

    def status() -> int:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": token})) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    eventually(lambda: status() == 401)
