"""`drydock env STACK`: environment variables for aws, boto3, kubectl, curl and psql with a running stack."""

import os
import shlex
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlsplit

from infra.commands.arguments import Stack
from infra.commands.outputs import known
from infra.engine import session
from infra.engine.loopback import no_proxy
from infra.engine.places import LOCAL_STACK
from infra.engine.trusted import trust
from infra.errors import InputError
from infra.toolchain import ensure
from localcloud.cloud import Cloud
from stacks.names import Names

UNSET = ("AWS_PROFILE", "AWS_SESSION_TOKEN")
"""Variables that would override the exported credentials, or belong to others."""


def env(stack: Stack) -> None:
    """Print exports for sh, bash, zsh and other POSIX shells: eval "$(drydock env local)"."""
    settings = session.read_settings(stack)
    if stack != LOCAL_STACK:
        raise InputError(
            f"env is for the local cloud; for {stack} use: aws eks update-kubeconfig --name {Names(stack).cluster} "
            f"--region {settings.region}"
        )
    cloud = session.require_running(stack)
    print(f"unset {' '.join(UNSET)}")
    tools = str(ensure({"kubectl"}).kubectl.parent)
    found = exports(cloud, known(stack), tools, os.environ) | trust(cloud, os.environ)
    for name, value in found.items():
        print(f"export {name}={shlex.quote(value)}")


def exports(cloud: Cloud, outputs: dict[str, object], tools: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by name; those of the service only if it was deployed.

    DATABASE_URL signs in like the service, with a token that is valid for 15 minutes. `environment` is that of the
    user: PATH and NO_PROXY are extended.
    """
    found = {
        "AWS_ENDPOINT_URL": cloud.aws_endpoint,
        "AWS_ACCESS_KEY_ID": cloud.aws_access_key_id,
        "AWS_SECRET_ACCESS_KEY": cloud.aws_secret_access_key,
        "AWS_REGION": cloud.region,
        "AWS_DEFAULT_REGION": cloud.region,
        "KUBECONFIG": cloud.kubeconfig,
        "PATH": os.pathsep.join([environment.get("PATH", os.defpath), tools]),
    }
    if url := outputs.get("url"):
        found["API_BASE_URL"] = str(url)
    if database := outputs.get("database_url"):
        found["DATABASE_URL"] = _with_token(cloud, str(database))
    return found | no_proxy(environment, _hosts([*found.values(), cloud.kube_server]))


def _hosts(values: Iterable[str]) -> list[str]:
    """Return the hosts of those values that are URLs."""
    return [host for value in values if "://" in value and (host := urlsplit(value).hostname)]


def _with_token(cloud: Cloud, database_url: str) -> str:
    import boto3  # noqa: PLC0415 - half a second that only this command needs

    for name in UNSET:
        os.environ.pop(name, None)
    client = boto3.client(
        "rds",
        region_name=cloud.region,
        endpoint_url=cloud.aws_endpoint,
        aws_access_key_id=cloud.aws_access_key_id,
        aws_secret_access_key=cloud.aws_secret_access_key,
    )
    url = urlsplit(database_url)
    token = client.generate_db_auth_token(DBHostname=url.hostname, Port=url.port, DBUsername=url.username)
    place = f"{url.username}:{quote(token, safe='')}@{url.hostname}:{url.port}"
    tls = f"sslmode=verify-full&sslrootcert={quote(cloud.authority, safe='')}"
    return url._replace(netloc=place, query=tls).geturl()
