"""The Kubernetes user of a principal, and the role bindings of its access policies."""

from typing import Any

import pytest

from localcloud.aws.tokens.access import Binding, Principal, bindings, group, user

ROLE = "arn:aws:iam::123456789012:role/deploy"
ENTRY = {"username": "arn:aws:sts::123456789012:assumed-role/deploy/{{SessionName}}", "kubernetesGroups": ["viewers"]}


def policy(name: str, *namespaces: str) -> dict[str, Any]:
    scope = {"type": "namespace", "namespaces": list(namespaces)} if namespaces else {"type": "cluster"}
    return {"policyArn": f"arn:aws:eks::aws:cluster-access-policy/{name}", "accessScope": scope}


def test_a_principal_with_an_access_entry_has_its_name_and_groups() -> None:
    found = user(Principal(arn=ROLE, session="ci"), {ROLE: ENTRY})

    assert found is not None
    assert found["username"] == "arn:aws:sts::123456789012:assumed-role/deploy/ci"
    assert found["groups"] == ["viewers", group(ROLE), "system:authenticated"]


@pytest.mark.parametrize("arn", [f"{ROLE}2", ROLE.replace("role/", "role/path/"), ROLE.replace("123", "124"), ""])
def test_a_principal_without_an_access_entry_has_no_user(arn: str) -> None:
    assert user(Principal(arn=arn), {ROLE: ENTRY}) is None


def test_the_owner_is_an_administrator() -> None:
    found = user(Principal(arn="arn:aws:iam::123456789012:root", is_owner=True), {})

    assert found is not None
    assert "system:masters" in found["groups"]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("AmazonEKSClusterAdminPolicy", "cluster-admin"),
        ("AmazonEKSAdminPolicy", "admin"),
        ("AmazonEKSEditPolicy", "edit"),
        ("AmazonEKSViewPolicy", "view"),
    ],
)
def test_an_access_policy_binds_a_role_in_the_cluster_or_in_namespaces(name: str, role: str) -> None:
    whole = list(bindings(Principal(arn=ROLE), [policy(name)]))
    some = list(bindings(Principal(arn=ROLE), [policy(name, "web", "jobs")]))

    assert whole == [Binding(group=group(ROLE), cluster_role=role)]
    assert [(each.cluster_role, each.namespace) for each in some] == [(role, "web"), (role, "jobs")]


def test_a_policy_without_a_role_binds_nothing() -> None:
    """Examples are policies for parts of EKS itself."""
    assert list(bindings(Principal(arn=ROLE), [policy("AmazonEKSAutoNodePolicy")])) == []


def test_principals_have_different_groups() -> None:
    assert group(ROLE) != group(f"{ROLE}2")
    assert len(Binding(group=group(ROLE * 10), cluster_role="cluster-admin").name) < 64
