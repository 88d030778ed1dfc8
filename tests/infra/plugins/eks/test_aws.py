"""The `aws` executable that the program's kubeconfig runs in a local cloud, run as a process."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.engine import real_providers
from localcloud.aws.tokens import presigned
from tests.support.clouds import cloud as record_of

CLOUD = record_of(aws_endpoint="http://127.0.0.1:5000", aws_access_key_id="key", aws_secret_access_key="secret")
GET_TOKEN = ("aws", "eks", "get-token", "--cluster-name", "harbour", "--region", "eu-central-1")


def run(environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(GET_TOKEN, env=environment, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "users",
    [
        {},
        {"AWS_PROFILE": "work"},
        {"AWS_PROFILE": ""},
        {"AWS_DEFAULT_PROFILE": "work", "AWS_SESSION_TOKEN": "theirs", "AWS_ACCESS_KEY_ID": "theirs"},
    ],
    ids=["nothing", "profile", "empty profile", "other account"],
)
def test_signs_a_token_with_the_key_of_the_local_account(users: dict[str, str], tmp_path: Path) -> None:
    environment = {**users, **real_providers.environment({"kubernetes": tmp_path}, CLOUD, os.environ["PATH"])}

    done = run({**environment, "DRYDOCK_PYTHON": sys.executable}, tmp_path)

    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["kind"] == "ExecCredential"
    token = presigned.parse(answer["status"]["token"], datetime.now(UTC))
    assert (token.access_key_id, token.session_token, token.region) == ("key", "", "eu-central-1")
    assert presigned.is_signed_by(token, "secret", "harbour")
