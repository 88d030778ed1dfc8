"""aws-iam-no-wildcard-admin."""

import json

import pytest

from infra.policy.rules.iam_no_wildcard_admin import RULE
from tests.infra.policy.compliant import identity_policy
from tests.infra.policy.judge import Given, violations

ADMINISTRATOR = ":aws:policy/AdministratorAccess"


@pytest.mark.parametrize(
    "policy",
    [
        identity_policy(),
        identity_policy(Action="ecr:GetAuthorizationToken", Resource="*"),
        identity_policy(Action="s3:*"),
        identity_policy(Effect="Deny", Action="*", Resource="*"),
        identity_policy(Action="s3:Get*", Resource="*"),
        identity_policy(NotAction="*", Action=[], Resource="*"),
        identity_policy(
            Action="ec2:*", Resource="*", Condition={"StringEquals": {"aws:ResourceTag/project": "drydock"}}
        ),
    ],
    ids=["named action", "no resource", "one bucket", "denial", "some actions", "no action", "tagged resources"],
)
def test_accepts_named_actions(policy: Given) -> None:
    """Narrow grants and denials are accepted."""
    assert violations(RULE, policy) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ({"Action": "*", "Resource": "*"}, "allows * on *"),
        ({"Action": ["s3:GetObject", "*:*"]}, "allows *:* on"),
        ({"Action": "iam:*", "Resource": "*"}, "allows iam:* on *"),
        ({"NotAction": "iam:*", "Action": [], "Resource": "*"}, "all but a few actions"),
        ({"Action": "s3:*", "Resource": "arn:aws:s3:::*"}, "allows s3:* on arn:aws:s3:::*"),
        ({"Action": "iam:*", "Resource": "arn:aws:iam::*:*"}, "allows iam:* on"),
        ({"Action": "ec2:*", "Resource": "arn:*"}, "allows ec2:* on arn:*"),
        ({"Action": "EC2:?*", "Resource": ["arn:aws:s3:::data", "*"]}, "allows EC2:?* on"),
        ({"Action": "kms:*", "NotResource": "arn:aws:kms:*:*:key/1", "Resource": []}, "all but a few resources"),
    ],
)
def test_rejects_wildcards(statement: dict[str, object], found: str) -> None:
    """Rejected are all actions, all actions of a service on all resources, and NotAction."""
    [message] = violations(RULE, identity_policy(**statement))

    assert found in message


def test_rejects_a_wildcard_in_an_inline_policy_of_a_role() -> None:
    """The rule checks inline policies too."""
    document = json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    role = Given(type="aws:iam/role:Role", properties={"inlinePolicies": [{"name": "all", "policy": document}]})

    assert len(violations(RULE, role)) == 1


@pytest.mark.parametrize(
    ("resource_type", "properties"),
    [
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"policyArn": f"arn:aws:iam:{ADMINISTRATOR}"}),
        ("aws:iam/role:Role", {"managedPolicyArns": [f"arn:aws-cn:iam:{ADMINISTRATOR}"]}),
    ],
)
def test_rejects_administrator_access(resource_type: str, properties: dict[str, object]) -> None:
    """It is found in both ways to attach it, and in every partition of AWS."""
    [message] = violations(RULE, Given(type=resource_type, properties=properties))

    assert "attaches arn:" in message


def test_accepts_another_managed_policy() -> None:
    """Only the managed policy that allows everything is rejected."""
    attachment = Given(
        type="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        properties={"policyArn": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"},
    )

    assert violations(RULE, attachment) == []


@pytest.mark.parametrize("policy", ["AdministratorAccess", "IAMFullAccess", "PowerUserAccess"])
def test_rejects_managed_policies_of_administrators(policy: str) -> None:
    """Whoever manages IAM may allow the rest to himself."""
    attachment = Given(
        type="aws:iam/userPolicyAttachment:UserPolicyAttachment",
        properties={"policyArn": f"arn:aws:iam::aws:policy/{policy}"},
    )

    assert len(violations(RULE, attachment)) == 1
