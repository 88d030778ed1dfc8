"""`drydock env STACK`: the variables that point aws, boto3, kubectl and psql at a running stack."""

import json
import os
import shlex
from urllib.parse import quote

from infra.commands.arguments import Stack
from infra.commands.outputs import read
from infra.engine import session
from infra.engine.places import LOCAL_STACK
from infra.errors import InputError
from infra.toolchain import ensure
from localcloud.cloud import Cloud


def env(stack: Stack) -> None:
    """Print shell exports: eval "$(drydock env local)"."""
    session.read_settings(stack)
    if stack != LOCAL_STACK:
        raise InputError(f"env is for the local cloud; for {stack} use: aws eks update-kubeconfig --name CLUSTER")
    cloud = session.require_running(stack)
    for name, value in exports(cloud, read(stack), str(ensure({"kubectl"}).kubectl.parent)).items():
        print(f"export {name}={shlex.quote(value)}")


def exports(cloud: Cloud, outputs: dict[str, object], tools: str) -> dict[str, str]:
    """The variables by name. DATABASE_URL holds the credentials that the service itself uses."""
    return {
        "AWS_ENDPOINT_URL": cloud.aws_endpoint,
        "AWS_ACCESS_KEY_ID": cloud.aws_access_key_id,
        "AWS_SECRET_ACCESS_KEY": cloud.aws_secret_access_key,
        "AWS_REGION": cloud.region,
        "AWS_DEFAULT_REGION": cloud.region,
        "KUBECONFIG": cloud.kubeconfig,
        "DATABASE_URL": _database_url(cloud, str(outputs["database_secret_arn"])),
        "API_BASE_URL": str(outputs["url"]),
        "PATH": os.pathsep.join([os.environ.get("PATH", os.defpath), tools]),
    }


def _database_url(cloud: Cloud, secret_arn: str) -> str:
    import boto3  # noqa: PLC0415 - half a second that only this command needs

    client = boto3.client(
        "secretsmanager",
        region_name=cloud.region,
        endpoint_url=cloud.aws_endpoint,
        aws_access_key_id=cloud.aws_access_key_id,
        aws_secret_access_key=cloud.aws_secret_access_key,
    )
    secret = json.loads(client.get_secret_value(SecretId=secret_arn)["SecretString"])
    user, password = quote(secret["username"], safe=""), quote(secret["password"], safe="")
    return f"postgresql://{user}:{password}@{secret['host']}:{secret['port']}/{secret['dbname']}?sslmode=require"
