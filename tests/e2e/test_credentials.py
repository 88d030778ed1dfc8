"""The credentials of the database on the local cloud: a rotation under load, and a search for leaked ones."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import boto3
import psycopg
import pytest

from infra.engine.checkpoint import BACKEND
from infra.toolchain import ensure
from tests.e2e.checkout import Checkout
from tests.e2e.conftest import client
from tests.e2e.test_reliability import steady, until
from tests.e2e.traffic import MixedTraffic
from tests.support import plain_http

pytestmark = pytest.mark.e2e
TOKEN = re.compile(rb"X-Amz-Signature(=|%3D)[0-9a-f]{64}")
OBJECTS = "configmaps,secrets,serviceaccounts,deployments,jobs,pods,events,secretproviderclasses"


def signed_in(url: str, **changes: str) -> tuple[Any, ...]:
    """Sign in at the RDS endpoint and return the current user and whether it is a superuser."""
    with psycopg.connect(url, connect_timeout=30, **changes) as connection:
        return (
            connection.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
            or ()
        )


def master(aws: boto3.Session, exports: dict[str, str], arn: str, **version: str) -> dict[str, str]:
    """Return the login of the master user from Secrets Manager."""
    secret = client(aws, exports, "secretsmanager").get_secret_value(SecretId=arn, **version)
    return dict(json.loads(secret["SecretString"]))


def test_a_rotation_of_the_master_password_fails_no_request(
    platform: Checkout, aws: boto3.Session, exports: dict[str, str]
) -> None:
    """Under 50 requests/s, the new password is accepted, the old one is refused, and every request succeeds."""
    url, arn = platform.url(), str(platform.outputs()["database_secret_arn"])
    until(lambda: plain_http.get(f"{url}/health/ready").status_code == 200)
    before = master(aws, exports, arn)
    service = platform.run("env", "local").stdout
    (line,) = [each for each in service.splitlines() if each.startswith("export DATABASE_URL=")]
    by_token = line.partition("=")[2].strip("'")
    parts = urlsplit(by_token)

    def as_master(login: dict[str, str]) -> tuple[Any, ...]:
        place = f"{login['username']}:{quote(login['password'], safe='')}@{parts.hostname}:{parts.port}"
        return signed_in(parts._replace(netloc=place).geturl())

    with MixedTraffic(url) as traffic:
        steady()
        assert as_master(before) == (before["username"], False)
        client(aws, exports, "secretsmanager").rotate_secret(SecretId=arn)
        after = master(aws, exports, arn)
        assert as_master(after) == (before["username"], False)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            as_master(before)
        assert signed_in(by_token) == ("service", False)
        # Make the service open new connections, each with its own token, while it uses the others.
        with psycopg.connect(superuser(platform), autocommit=True) as connection:
            ended = connection.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE usename = 'service' AND state = 'idle'"
            ).fetchone()
        steady()

    assert ended is not None
    assert ended[0] > 0
    assert {status // 100 for status in traffic.answers} == {2}
    assert (traffic.wrong, traffic.broken, traffic.unfinished) == ([], [], [])
    with pytest.raises(psycopg.OperationalError, match="PAM authentication failed for user"):
        signed_in(by_token, password=after["password"])


def superuser(platform: Checkout) -> str:
    """Return the URL of the PostgreSQL server behind the RDS endpoint, as the superuser."""
    cloud = platform.cloud()
    return f"postgresql://{cloud.postgres_user}:{cloud.postgres_password}@{cloud.postgres_host}:{cloud.postgres_port}/postgres"


def test_no_state_output_object_or_log_contains_a_password_or_a_token(
    platform: Checkout, aws: boto3.Session, exports: dict[str, str]
) -> None:
    """Search the state exported in plain text, outputs, Kubernetes objects, logs and events of the engine."""
    outputs = platform.outputs()
    arn = str(outputs["database_secret_arn"])
    client(aws, exports, "secretsmanager").rotate_secret(SecretId=arn)
    versions = [master(aws, exports, arn, VersionStage=stage)["password"] for stage in ("AWSCURRENT", "AWSPREVIOUS")]
    kubectl = subprocess.run(
        ["kubectl", "get", OBJECTS, "--all-namespaces", "--output=json"],
        env=os.environ | exports,
        check=True,
        capture_output=True,
    )
    told = {
        "outputs": json.dumps(outputs).encode(),
        "exported state": exported(platform.state),
        "objects": kubectl.stdout,
        **dict(written(platform.state)),
    }

    assert len(told) > 10
    assert b"database-instance" in told["exported state"]
    for where, text in told.items():
        for secret in (*versions, platform.cloud().postgres_password):
            spellings = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1]}
            assert not any(each.encode() in text for each in spellings), f"a password is in {where}"
        assert not TOKEN.search(text), f"a token is in {where}"


def exported(state: Path) -> bytes:
    """Return the output of `pulumi stack export --show-secrets`."""
    done = subprocess.run(
        [ensure({"pulumi"}).pulumi, "stack", "export", "--show-secrets", "--stack", "organization/drydock/local"],
        cwd=state / "project",
        env=os.environ
        | {
            "PULUMI_BACKEND_URL": f"file://{state / BACKEND}",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(state / "pulumi.passphrase"),
            "PULUMI_HOME": str(state / "pulumi-home"),
        },
        check=True,
        capture_output=True,
    )
    return done.stdout


def written(state: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each log and each file of the engine: states, histories, events."""
    for folder in ("logs", "pulumi-home/logs", BACKEND):
        for path in (state / folder).rglob("*"):
            if path.is_file():
                yield str(path.relative_to(state)), path.read_bytes()
