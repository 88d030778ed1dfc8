"""The deployed platform through the standard clients (boto3, kubectl, psycopg, httpx), after `drydock up local`."""

import json
import os
import shlex
import subprocess
from collections.abc import Mapping
from typing import Any

import boto3
import psycopg
import pytest

from infra.toolchain import ensure
from tests.e2e.checkout import Checkout
from tests.e2e.conftest import client
from tests.support import plain_http
from tests.support.node import eventually

pytestmark = pytest.mark.e2e


def kubectl(exports: Mapping[str, str], *arguments: str) -> list[dict[str, Any]]:
    """Return the items that `kubectl get` prints."""
    done = subprocess.run(
        [str(ensure({"kubectl"}).kubectl), "get", *arguments, "-o", "json"],
        env={**os.environ, "KUBECONFIG": exports["KUBECONFIG"]},
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(done.stdout)["items"])


def test_the_url_answers(platform: Checkout) -> None:
    """The service answers at the stack's output `url`."""
    response = plain_http.get(f"{platform.url()}/health/ready")

    assert response.status_code == 200


ELSEWHERE = "http://127.0.0.1:9"  # where nothing listens
FOREIGN_ENVIRONMENT = {
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "GRPC_PROXY", "grpc_proxy"), ELSEWHERE),
    **dict.fromkeys(("ALL_PROXY", "all_proxy"), "socks5://127.0.0.1:9"),
    **dict.fromkeys(("AWS_CA_BUNDLE", "AWS_CONFIG_FILE", "SSL_CERT_FILE"), "/none-such"),
    "AWS_ENDPOINT_URL_S3": ELSEWHERE,
    "AWS_USE_FIPS_ENDPOINT": "true",
    "PULUMI_CONFIG": "/none-such",
    "PULUMI_CONFIG_SECRET_KEYS": "/none-such",
    "PULUMI_DEBUG_COMMANDS": "1",
    "PULUMI_PARALLEL": "1",
    "PGSSLMODE": "verify-full",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wrong",
    "AWS_SESSION_TOKEN": "expired",
    "AWS_PROFILE": "none-such",
    "AWS_REGION": "us-west-2",
    "AWS_ENDPOINT_URL": ELSEWHERE,
    "KUBECONFIG": "/none-such",
    "PULUMI_ACCESS_TOKEN": "wrong",
    "PULUMI_BACKEND_URL": ELSEWHERE,
    "PULUMI_CONFIG_PASSPHRASE": "of another stack",
    "PULUMI_CONFIG_PASSPHRASE_FILE": "/none-such",
    "PULUMI_HOME": "/none-such",
    "PULUMI_STACK": "prod",
    "PGHOST": "none-such.invalid",
    "PGPASSWORD": "wrong",
    "DATABASE_URL": "postgresql://none-such.invalid/x",
    "PYTHONWARNINGS": "error",
    "LC_ALL": "C",
    "COLUMNS": "20",
}


def test_a_second_up_changes_nothing_with_variables_of_other_programs(platform: Checkout) -> None:
    """Variables that are set for other programs on this machine do not affect `up`."""
    temporary = platform.root / "a folder with spaces"
    temporary.mkdir(exist_ok=True)
    said = platform.run("up", "local", TMPDIR=str(temporary), **FOREIGN_ENVIRONMENT).stderr

    (plan,) = [line for line in said.splitlines() if " plan " in line]
    (done,) = [line for line in said.splitlines() if " done " in line]
    assert "0 changes" in plan
    assert "nothing to do" in done


def test_no_output_is_a_secret(platform: Checkout) -> None:
    """The outputs contain neither the password nor a kubeconfig."""
    text = json.dumps(platform.outputs())

    assert platform.cloud().postgres_password not in text
    assert platform.cloud().kube_token not in text
    assert "BEGIN CERTIFICATE" not in text


def test_the_engine_keeps_no_log(platform: Checkout) -> None:
    """Its automatic log has values of secrets, and is not encrypted until the engine has read the state."""
    assert list((platform.state / "pulumi-home").rglob("*.log")) == []


def test_boto3_sees_the_network(platform: Checkout, aws: boto3.Session, exports: dict[str, str]) -> None:
    """The VPC of the outputs has subnets in more than one zone."""
    vpc_id = platform.outputs()["vpc_id"]
    subnets = client(aws, exports, "ec2").describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])["Subnets"]

    assert len(subnets) >= 4
    assert len({subnet["AvailabilityZone"] for subnet in subnets}) >= 2


def test_boto3_sees_the_endpoint_of_the_cluster(
    platform: Checkout, aws: boto3.Session, exports: dict[str, str]
) -> None:
    """EKS returns the endpoint of the real API server."""
    name = platform.outputs()["cluster_name"]
    cluster = client(aws, exports, "eks").describe_cluster(name=name)["cluster"]

    assert cluster["status"] == "ACTIVE"
    assert cluster["endpoint"] == platform.cloud().kube_server


def test_the_cluster_has_the_node_pool_and_node_class_of_the_program(exports: dict[str, str]) -> None:
    """The NodePool and the NodeClass of the program exist, and no others."""
    found = kubectl(exports, "nodepools.karpenter.sh,nodeclasses.eks.amazonaws.com")

    assert {(each["kind"], each["metadata"]["name"]) for each in found} == {
        ("NodePool", "drydock"),
        ("NodeClass", "drydock"),
    }


def test_boto3_sees_the_encrypted_database(aws: boto3.Session, exports: dict[str, str]) -> None:
    """RDS has one instance: encrypted, private, with the port that the service uses."""
    (instance,) = client(aws, exports, "rds").describe_db_instances()["DBInstances"]

    assert instance["StorageEncrypted"] is True
    assert instance["PubliclyAccessible"] is False
    assert str(instance["Endpoint"]["Port"]) in exports["DATABASE_URL"]


def test_the_deployed_digest_is_in_the_registry(
    platform: Checkout, aws: boto3.Session, exports: dict[str, str]
) -> None:
    """The Deployments of server and worker run a digest that ECR has."""
    repository, _, digest = platform.outputs()["image"].partition("@")
    name = repository.split("/", 1)[1].partition(":")[0]
    images = client(aws, exports, "ecr").describe_images(repositoryName=name)["imageDetails"]
    pods = [deployment["spec"]["template"]["spec"] for deployment in kubectl(exports, "deployments", "-A")]

    assert digest in {image["imageDigest"] for image in images}
    assert len(pods) == 2, "server and worker"
    assert all(pod["containers"][0]["image"].endswith(digest) for pod in pods)


def test_database_url_signs_in_as_the_service(platform: Checkout) -> None:
    """`drydock env` prints a URL with an IAM token, which signs in to the database with the service's tables."""
    lines = platform.run("env", "local").stdout.splitlines()
    (url,) = [shlex.split(line)[1].partition("=")[2] for line in lines if line.startswith("export DATABASE_URL=")]
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_user, count(*) >= 0 FROM items").fetchone()

    assert row == ("service", True)


def test_kubectl_sees_the_workload(exports: dict[str, str]) -> None:
    """Deployment, HPA, PDB and NetworkPolicy are there, and every pod of the Deployment is Ready."""
    kinds = {item["kind"] for item in kubectl(exports, "deploy,hpa,pdb,networkpolicy", "-A")}
    pods = kubectl(exports, "pods", "-A", "--field-selector=status.phase=Running")
    ready = [
        condition["status"] for pod in pods for condition in pod["status"]["conditions"] if condition["type"] == "Ready"
    ]

    assert kinds == {"Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy"}
    assert len(ready) >= 2
    assert set(ready) == {"True"}


def test_the_namespace_enforces_the_restricted_level(platform: Checkout, exports: dict[str, str]) -> None:
    """The label of Pod Security admission is `restricted`, the strictest level."""
    name = platform.outputs()["namespace"]
    (namespace,) = [item for item in kubectl(exports, "namespaces") if item["metadata"]["name"] == name]

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_status_lists_every_part(platform: Checkout) -> None:
    """Each part is listed as ready, and the URL with it."""
    said = platform.run("status", "local").stdout

    for part in ("postgres", "rds", "etcd", "kube-apiserver", "aws", "providers", "node"):
        assert part in said
    assert "NO" not in said
    assert platform.outputs()["url"] in said


def test_no_secret_is_in_a_command_line(platform: Checkout) -> None:
    """Every user of the machine can read the command lines of all processes."""
    commands = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout

    assert platform.cloud().postgres_password not in commands
    assert platform.cloud().kube_token not in commands


def test_files_with_secrets_are_private(platform: Checkout) -> None:
    """Other users of the machine cannot read the files with secrets."""
    for name in ("cloud.json", "settings.json", "pulumi.passphrase", "kubernetes/kubeconfig", "kubernetes/tokens.csv"):
        assert (platform.state / name).stat().st_mode & 0o077 == 0, name
    assert platform.state.stat().st_mode & 0o077 == 0


def test_status_names_a_permission_that_pods_lack(
    platform: Checkout, aws: boto3.Session, exports: dict[str, str]
) -> None:
    """`drydock status` names an action that the worker's role lacks, until the policy allows it again."""
    iam = client(aws, exports, "iam")
    role, policy = next(
        (role["RoleName"], name)
        for role in iam.list_roles()["Roles"]
        for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
        if "sqs:ReceiveMessage" in json.dumps(iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name))
    )
    names = {"RoleName": role, "PolicyName": policy}
    document = json.dumps(iam.get_role_policy(**names)["PolicyDocument"])
    denied = f"/{role} is not authorized to perform sqs:ReceiveMessage on arn:aws:sqs:"
    try:
        iam.put_role_policy(**names, PolicyDocument=document.replace("sqs:ReceiveMessage", "sqs:ListQueueTags"))
        said = eventually(lambda: (text := platform.run("status", "local").stdout) and denied in text and text)
    finally:
        iam.put_role_policy(**names, PolicyDocument=document)

    assert "denied  ServiceAccount " in said
    assert "because no identity-based policy allows the sqs:ReceiveMessage action" in said
    assert denied not in platform.run("status", "local").stdout
