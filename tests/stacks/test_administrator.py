"""Only an administrator of the cluster may deploy.

Real: the engine with its state, and the whole program. Emulated: the account, by moto.
"""

from pathlib import Path

import pytest
from pulumi.automation.errors import CommandError

from localcloud.aws.server import AwsServer
from stacks import administrator
from stacks.administrator import administers, deployer
from tests.localcloud.aws.conftest import ACCOUNT_ID
from tests.support.engine import STACK
from tests.support.whole_on_engine import WholeStack

DEVELOPER = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/developer/me"
DEPLOY = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/drydock-{STACK}-deploy/ci"
PROBLEM = (
    f"Pulumi.{STACK}.yaml: cluster.adminRoles: must name the deploy role, got developer; accepted: "
    f"drydock-{STACK}-deploy, drydock-{STACK}-admin; assume one of these roles, name it in aws:assumeRoles, or add the "
    "deploy role to cluster.adminRoles; without it every Kubernetes object fails with Unauthorized, after the "
    "cluster is made"
)


@pytest.fixture
def on_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Treat the account of the stand-ins as one on AWS."""
    monkeypatch.setattr(administrator, "DOCUMENTED_ACCOUNT", "")


@pytest.mark.usefixtures("on_aws")
def test_an_update_by_another_role_fails_before_it_creates_resources(tmp_path: Path, server: AwsServer) -> None:
    """With one message, which is a warning in a preview, because others may run previews."""
    stack = WholeStack(tmp_path / "stack", server, caller=DEVELOPER)
    try:
        stack.preview()
        assert stack.changes["create"] > 100
        assert [said for said in stack.said if "adminRoles" in said] == [
            f"warning: aws: {PROBLEM}. An update with these credentials stops before it changes anything"
        ]

        with pytest.raises(CommandError):
            stack.up()
        # The engine repeats the error of an inline program.
        errors = {said.replace("an unhandled error occurred: ", "") for said in stack.said if said.startswith("error")}
        assert errors == {f"error: {PROBLEM}. Nothing was changed"}
        assert "Traceback" not in "".join(stack.said)
        assert {each["type"].partition(":")[0] for each in stack.resources()} == {"pulumi"}  # stack and providers
    finally:
        stack.close()


@pytest.mark.usefixtures("on_aws")
def test_an_administrator_deploys(tmp_path: Path, server: AwsServer) -> None:
    """The caller is a session of the role, whose ARN has no path."""
    stack = WholeStack(tmp_path / "stack", server, caller=DEPLOY)
    try:
        stack.up()
        assert "adminRoles" not in "".join(stack.said)
        assert stack.changes["create"] > 100
    finally:
        stack.close()


def test_a_local_cloud_requires_no_administrator(tmp_path: Path, server: AwsServer) -> None:
    """The owner of its account deploys, without a role."""
    stack = WholeStack(tmp_path / "stack", server)
    try:
        stack.preview()
        assert "adminRoles" not in "".join(stack.said)
    finally:
        stack.close()


@pytest.mark.parametrize(
    ("caller", "assumed", "found"),
    [
        (DEPLOY, [], f"drydock-{STACK}-deploy"),
        (DEVELOPER, [f"arn:aws:iam::{ACCOUNT_ID}:role/hub", f"arn:aws:iam::{ACCOUNT_ID}:role/ops/ci"], "ops/ci"),
        ("arn:aws-cn:sts::111122223333:assumed-role/ci/run-1", [], "ci"),
        (f"arn:aws:iam::{ACCOUNT_ID}:user/ci", [], f"arn:aws:iam::{ACCOUNT_ID}:user/ci"),
    ],
)
def test_finds_the_role_that_deploys(caller: str, assumed: list[str], found: str) -> None:
    assert deployer(caller, assumed) == found


@pytest.mark.parametrize(
    ("role", "is_one"),
    [
        ("drydock-prod-deploy", True),
        ("ops/admin", True),
        ("admin", True),  # a session has no path
        ("AWSReservedSSO_Admin_0123", True),
        ("developer", False),
        (f"arn:aws:iam::{ACCOUNT_ID}:user/admin", False),  # has the same name, and is not a role
        (f"arn:aws:iam::{ACCOUNT_ID}:root", False),
        ("", False),
    ],
)
def test_recognises_the_administrators_of_the_cluster(role: str, is_one: bool) -> None:
    admins = [
        "drydock-prod-deploy",
        "ops/admin",
        f"arn:aws:iam::{ACCOUNT_ID}:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Admin_0123",
    ]

    assert administers(role, admins) is is_one
