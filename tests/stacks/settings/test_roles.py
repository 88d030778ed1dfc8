"""Roles by name, path and ARN: all forms are equivalent, and ARNs have to belong to the stack's account."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stacks.settings import parse_settings, role_arn
from stacks.settings.roles import account_of, role_of
from tests.stacks.settings.errors import error_lines

ACCOUNT = "111122223333"
SSO = "aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Admin_0123456789abcdef"
parts = st.from_regex(r"[A-Za-z0-9+=,.@_-]{1,64}", fullmatch=True)
paths = st.lists(parts, min_size=1, max_size=4).map("/".join)


@settings(deadline=None, max_examples=50)
@given(paths, st.from_regex("[0-9]{12}", fullmatch=True))
def test_all_forms_of_a_role_are_equivalent(path: str, account: str) -> None:
    arn = f"arn:aws:iam::{account}:role/{path}"

    assert role_arn(path, account) == role_arn(arn, account) == arn
    assert role_of(path) == role_of(arn) == path
    assert (account_of(path), account_of(arn)) == (None, account)
    assert error_lines(accountId=account, cluster={"adminRoles": [arn, "another-one"]}) == []


@pytest.mark.parametrize("role", ["ops", "ops/break-glass", SSO, f"arn:aws:iam::{ACCOUNT}:role/{SSO}"])
def test_accepts_a_role(role: str) -> None:
    assert error_lines(accountId=ACCOUNT, cluster={"adminRoles": [role, "b"]}) == []


@pytest.mark.parametrize(
    "role",
    [
        "",
        "/ops",
        "ops/",
        "a//b",
        "a b",
        "arn:aws:iam::1:role/a",
        f"arn:aws:iam::{ACCOUNT}:user/a",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/a/session",
        "a" * 65,
    ],
)
def test_refuses_what_is_not_a_role(role: str) -> None:
    """Users, sessions and invalid names are refused; EKS would refuse them only after the cluster exists."""
    (line,) = error_lines(accountId=ACCOUNT, cluster={"adminRoles": [role, "b"]})

    assert line.startswith("cluster.adminRoles[0]: must be the name of an IAM role, ")


@pytest.mark.parametrize(("account", "found"), [(None, "which is not set"), ("444455556666", "which is 444455556666")])
def test_refuses_a_role_of_another_account(account: str | None, found: str) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/ops"
    given_account = {} if account is None else {"accountId": account}

    (line,) = error_lines(**given_account, cluster={"adminRoles": ["a", arn]})
    assert line == f"cluster.adminRoles[1]: must belong to the account accountId, {found}, got {arn}"


def test_refuses_the_same_role_in_two_forms() -> None:
    (line,) = error_lines(accountId=ACCOUNT, cluster={"adminRoles": ["ops/a", f"arn:aws:iam::{ACCOUNT}:role/ops/a"]})

    assert line == "cluster.adminRoles: must name each role once, got ops/a, ops/a"


@pytest.mark.parametrize(
    ("roles", "says"),
    [
        (["role/ops", "b"], "[0]: must be the name of an IAM role without role/ of its ARN: write ops, got"),
        (["role/a/ops", "b"], "[0]: must be the name of an IAM role without role/ of its ARN: write a/ops, got"),
        (["ops", "break/Ops"], ": must not have ops and break/Ops, because an account has only one role of a name"),
        (["a/ops", f"arn:aws:iam::{ACCOUNT}:role/b/ops"], ": must not have a/ops and b/ops, because an account has"),
        (
            ["AWSReservedSSO_Admin_0123456789abcdef", "b"],
            "[0]: must be the role of IAM Identity Center with its path, aws-reserved/sso.amazonaws.com/ and in",
        ),
        (
            [f"arn:aws:iam::{ACCOUNT}:role/AWSReservedSSO_Admin_0123456789abcdef", "b"],
            "[0]: must be the role of IAM Identity Center with its path, aws-reserved/sso.amazonaws.com/ and in",
        ),
        (["ops/AWSReservedSSO_Admin_0", "b"], "[0]: must be the role of IAM Identity Center with its path, aws-res"),
    ],
)
def test_refuses_a_role_that_cannot_exist(roles: list[str], says: str) -> None:
    """EKS would refuse its access entry, after the cluster is created."""
    (line,) = error_lines(accountId=ACCOUNT, cluster={"adminRoles": roles})

    assert line.startswith(f"cluster.adminRoles{says}")


def test_accepts_a_role_of_identity_center_in_its_first_region() -> None:
    """There, the path has no region."""
    role = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef"

    assert error_lines(cluster={"adminRoles": [role, "roles/b"]}) == []


@pytest.mark.parametrize(
    ("boundary", "says"),
    [
        (f"arn:aws:iam::{ACCOUNT}:policy/ops/limit", "the name of an IAM policy instead of its ARN: write ops/limit"),
        ("a b", "the name of an IAM policy, with its path if it has one, such as drydock-prod-boundary"),
        ("", "the name of an IAM policy, with its path"),
        ("limit\n", "the name of an IAM policy, with its path"),
    ],
)
def test_a_permissions_boundary_is_a_name(boundary: str, says: str) -> None:
    (line,) = error_lines(permissionsBoundary=boundary)

    assert line.startswith(f"permissionsBoundary: must be {says}")
    assert error_lines(permissionsBoundary="ops/limit") == []


def test_each_environment_has_its_own_roles() -> None:
    """An account may have several environments; the roles of dev must not administer prod."""
    cluster = parse_settings({"region": "eu-central-1"}, "test").cluster

    assert cluster.admins("dev") == ("drydock-dev-deploy", "drydock-dev-admin")
    assert not set(cluster.admins("dev")) & set(cluster.admins("prod"))


@pytest.mark.parametrize("written", ["12345678901", "1234567890123", "12345678901a", "", "1234-5678-9012"])
def test_an_account_has_12_digits(written: str) -> None:
    (line,) = error_lines(accountId=written)

    assert line.startswith("accountId: must match ^[0-9]{12}$")


@pytest.mark.parametrize(
    ("cidrs", "accepted"),
    [
        (["10.0.0.0/16"], True),
        (["10.0.3.0/24", "10.9.0.0/24"], True),
        (["10.8.0.0/24"], False),
        (["10.0.0.0/15"], False),
        (["52.1.1.0/24"], False),
    ],
)
def test_private_access_has_to_be_inside_the_vpc_or_a_peer(cidrs: list[str], accepted: bool) -> None:
    """There are no routes for other addresses, so a rule for them would have no effect."""
    lines = error_lines(network={"peerCidrs": ["10.9.0.0/16"]}, cluster={"privateAccessCidrs": cidrs})

    assert (lines == []) is accepted
    assert all("must be inside network.cidr or one of network.peerCidrs (10.0.0.0/16, 10.9.0.0/16)" in x for x in lines)


@pytest.mark.parametrize(
    ("cluster", "expected"),
    [
        ({}, False),
        ({"privateAccessCidrs": ["10.0.0.0/24"]}, True),
        ({"privateAccessSecurityGroups": ["sg-0123456789abcdef0"]}, True),
        ({"publicAccessCidrs": ["52.1.1.1/32"]}, True),
    ],
)
def test_knows_whether_the_cluster_has_any_access_from_outside(cluster: dict[str, object], expected: bool) -> None:
    assert parse_settings({"region": "eu-central-1", "cluster": cluster}, "test").cluster.allows_api_access is expected
