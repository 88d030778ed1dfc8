"""The roles of cluster administrators. Emulated: an AWS account in this process."""

from collections.abc import Iterator

import pytest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from infra.engine import admin_roles
from infra.engine.loopback import ask
from localcloud.aws.account import Account
from localcloud.cloud import Cloud
from tests.localcloud.aws.conftest import ACCOUNT_ID

ROLES = ["drydock-test-deploy", "ops/admin", f"arn:aws:iam::{ACCOUNT_ID}:role/sso/eu/person"]
ARNS = [f"arn:aws:iam::{ACCOUNT_ID}:role/{path}" for path in ("drydock-test-deploy", "ops/admin", "sso/eu/person")]


@pytest.fixture
def made(cloud: Cloud) -> Iterator[list[str]]:
    made = admin_roles.ensure(cloud, ROLES)
    yield made
    admin_roles.remove(cloud, made)


def aws(cloud: Cloud) -> Account:
    return Account(cloud.account_id, cloud.region, cloud.aws_endpoint)


def roles(cloud: Cloud) -> dict[str, str]:
    """Return ARN -> id of all roles."""
    return {role["Arn"]: role["RoleId"] for role in aws(cloud).call("iam", "ListRoles")["Roles"]}


def test_creates_roles_from_names_paths_and_arns(cloud: Cloud, made: list[str]) -> None:
    """A setting may be a name, a path with a name, or an ARN."""
    assert made == ARNS
    assert set(ARNS) <= set(roles(cloud))


def test_the_inventory_leaves_them_out(cloud: Cloud, made: list[str]) -> None:
    """A leak report does not count them; a role that another process creates meanwhile is counted."""
    assert made
    assert ask(f"{cloud.aws_endpoint}/drydock/inventory") == []
    admin_roles.create(aws(cloud), f"arn:aws:iam::{ACCOUNT_ID}:role/other")
    try:
        assert [item["kind"] for item in ask(f"{cloud.aws_endpoint}/drydock/inventory")] == ["Role"]
    finally:
        admin_roles.remove(cloud, [f"arn:aws:iam::{ACCOUNT_ID}:role/other"])


def test_does_not_change_existing_roles(cloud: Cloud, made: list[str]) -> None:
    """Nothing is created twice, also if the existing role of that name has another path."""
    before = roles(cloud)

    assert admin_roles.ensure(cloud, ROLES) == []
    assert admin_roles.ensure(cloud, ["admin"]) == [], "IAM takes a name once, whatever its path"
    assert roles(cloud) == before


def test_the_account_may_assume_them_without_any_permission(cloud: Cloud, made: list[str]) -> None:
    """Requests to AWS with these roles are denied; they have permissions in the cluster only."""
    for arn in made:
        keys = aws(cloud).call("sts", "AssumeRole", RoleArn=arn, RoleSessionName="test")["Credentials"]
        session = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        account = Account(cloud.account_id, cloud.region, cloud.aws_endpoint, credentials=session)
        assert account.call("sts", "GetCallerIdentity")["Arn"].endswith(f"/{arn.rpartition('/')[2]}/test")
        with pytest.raises(ClientError, match="AccessDenied"):
            account.call("iam", "ListRoles")


def test_removes_the_created_roles(cloud: Cloud) -> None:
    before = roles(cloud)
    admin_roles.remove(cloud, admin_roles.ensure(cloud, ROLES))

    assert roles(cloud) == before


def test_describes_the_created_roles() -> None:
    assert admin_roles.described(ARNS[:2]) == (
        "cluster.adminRoles: drydock-test-deploy, ops/admin created in the local account; on AWS they must exist before"
    )
