"""The permissions boundary, on IAM's evaluation logic: laws for a role that may do everything else."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components._boundary import boundary, state_objects
from localcloud.aws.iam.conditions import Context
from localcloud.aws.iam.decision import Decision, Policies, decide
from localcloud.aws.iam.policy import Caller, Request, statements
from localcloud.aws.judge.rules import iam_documents

ACCOUNT = "123456789012"
REGION = "eu-central-1"
BUCKET = "arn:aws:s3:::drydock-state"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/state"
OWN = f"arn:aws:iam::{ACCOUNT}:policy/drydock-prod-boundary"
ENVIRONMENTS = ("dev", "staging", "prod", "pr", "prod-eu", "prod2")
EVERYTHING = statements({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
# Keys and roles leave to the account who may use them.
LEFT_TO_ACCOUNT = statements(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "*"}]}
)
DOCUMENT = boundary(
    account_id=ACCOUNT,
    region=REGION,
    policy_name="drydock-prod-boundary",
    others=[name for name in ENVIRONMENTS if name != "prod"],
    bucket_arn=BUCKET,
    key_arn=KEY,
)
CALLER = Caller(names=frozenset({f"arn:aws:iam::{ACCOUNT}:role/drydock-prod-deploy"}), account=ACCOUNT)
REGIONS = ("eu-central-1", "eu-west-1", "us-east-1", "ap-southeast-2")
names = st.from_regex(r"[a-z][a-z0-9-]{0,30}", fullmatch=True)
common = settings(deadline=None, max_examples=60)


def ask(action: str, resource: str = "*", document: str = DOCUMENT, **keys: str) -> Decision:
    values = {"aws:requestedregion": (REGION,), **{key.replace("_", ":"): (value,) for key, value in keys.items()}}
    context = Context(values=values, known=frozenset({"iam:permissionsboundary"}))
    request = Request(action=action, resource=resource, caller=CALLER, context=context)
    policies = Policies(identity=EVERYTHING, resource=LEFT_TO_ACCOUNT, boundary=statements(document))
    return decide(request, policies)


def role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def test_it_is_a_policy_that_iam_takes() -> None:
    """By its grammar and its size, with every environment of an account in it."""
    assert list(iam_documents.faults(DOCUMENT, "identity")) == []
    assert len("".join(DOCUMENT.split())) <= 6144


@common
@given(names, st.one_of(st.none(), names.map(lambda name: f"arn:aws:iam::{ACCOUNT}:policy/{name}"), st.just(OWN)))
def test_no_role_is_made_or_given_more_without_the_boundary(name: str, limit: str | None) -> None:
    """A role with another boundary, or none, is not made, gets no policy, and loses none; with this one it may."""
    keys = {"iam_permissionsboundary": limit} if limit else {}
    for action in ("CreateRole", "PutRolePolicy", "AttachRolePolicy", "PutRolePermissionsBoundary"):
        assert ask(f"iam:{action}", role(f"app-{name}"), **keys).allowed is (limit == OWN), action
    assert not ask("iam:DeleteRolePermissionsBoundary", role(f"app-{name}"), **keys).allowed


@common
@given(names, st.sampled_from(["deploy", "preview", "admin"]))
def test_the_roles_and_policies_of_the_bootstrap_stay(name: str, kind: str) -> None:
    """Nobody below the boundary changes them, passes them or takes them, whatever the boundary that they have."""
    for action in ("UpdateAssumeRolePolicy", "PutRolePolicy", "DeleteRole", "PassRole", "TagRole"):
        assert not ask(f"iam:{action}", role(f"drydock-{name}-{kind}"), iam_permissionsboundary=OWN).allowed, action
    assert not ask("sts:AssumeRole", role(f"drydock-{name}-{kind}")).allowed
    for action in ("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicy", "DeletePolicyVersion"):
        assert not ask(f"iam:{action}", f"arn:aws:iam::{ACCOUNT}:policy/drydock-{name}-boundary").allowed, action


@pytest.mark.parametrize(
    "action",
    [
        "iam:CreateUser",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:UpdateLoginProfile",
        "iam:CreateGroup",
        "iam:AddUserToGroup",
        "iam:PutUserPolicy",
        "iam:AttachUserPolicy",
        "iam:PutGroupPolicy",
        "iam:AttachGroupPolicy",
        "iam:CreateOpenIDConnectProvider",
        "iam:UpdateOpenIDConnectProviderThumbprint",
        "iam:DeleteOpenIDConnectProvider",
        "iam:AddClientIDToOpenIDConnectProvider",
        "iam:CreateSAMLProvider",
        "organizations:LeaveOrganization",
        "account:EnableRegion",
    ],
)
def test_no_identities_other_than_roles_can_be_created(action: str) -> None:
    """No user, key, group or identity provider: none of them would be below the boundary."""
    assert not ask(action, iam_permissionsboundary=OWN).allowed


@common
@given(
    st.sampled_from(REGIONS),
    st.sampled_from(["ec2:RunInstances", "s3:GetObject", "rds:CreateDBInstance", "kms:Decrypt", "eks:CreateCluster"]),
)
def test_it_does_not_leave_the_region(region: str, action: str) -> None:
    """Nothing is done in another region; services without one are not held to it."""
    assert ask(action, aws_requestedregion=region).allowed is (region == REGION)
    for everywhere in ("iam:GetRole", "sts:GetCallerIdentity", "route53:ListHostedZones", "cloudfront:GetDistribution"):
        assert ask(everywhere, aws_requestedregion=region).allowed
    for for_cloudfront in ("acm:RequestCertificate", "logs:CreateDelivery", "wafv2:CreateWebACL"):
        assert ask(for_cloudfront, aws_requestedregion=region).allowed is (region in (REGION, "us-east-1"))


def objects(environment: str) -> list[str]:
    """Return what Pulumi keeps of a stack in a bucket."""
    return [
        f"{BUCKET}/.pulumi/stacks/drydock/{environment}.json",
        f"{BUCKET}/.pulumi/stacks/drydock/{environment}.json.bak",
        f"{BUCKET}/.pulumi/locks/organization/drydock/{environment}/4f1d.json",
        f"{BUCKET}/.pulumi/history/drydock/{environment}/{environment}-1.checkpoint.json",
        f"{BUCKET}/.pulumi/backups/drydock/{environment}/{environment}.1.json",
    ]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"])
def test_only_the_state_of_its_own_environment_is_in_reach(action: str, environment: str) -> None:
    """Also where the name of one environment begins with that of another; never that of the bootstrap."""
    for arn in objects(environment):
        assert ask(action, arn).allowed is (environment == "prod"), arn
    account = f"{BUCKET}/.pulumi/stacks/drydock-bootstrap/account.json"
    assert not ask(action, account).allowed


@common
@given(st.sampled_from(ENVIRONMENTS), st.sampled_from(ENVIRONMENTS))
def test_the_objects_of_an_environment_are_its_own(one: str, other: str) -> None:
    """The patterns of one environment cover all objects of it, and none of another."""
    document: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": state_objects(BUCKET, one)}
    only = json.dumps({"Version": "2012-10-17", "Statement": [document]})
    for arn in objects(other):
        assert ask("s3:GetObject", arn, only).allowed is (one == other), arn


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("s3:ListBucket", BUCKET, True),
        ("s3:GetBucketLocation", BUCKET, True),
        ("s3:DeleteBucket", BUCKET, False),
        ("s3:DeleteBucketPolicy", BUCKET, False),
        ("s3:PutBucketPolicy", BUCKET, False),
        ("s3:PutBucketVersioning", BUCKET, False),
        ("s3:PutBucketPublicAccessBlock", BUCKET, False),
        ("s3:PutEncryptionConfiguration", BUCKET, False),
        ("s3:PutLifecycleConfiguration", BUCKET, False),
        ("s3:DeleteObjectVersion", f"{BUCKET}/.pulumi/stacks/drydock/prod.json", False),
        ("s3:PutObjectAcl", f"{BUCKET}/.pulumi/stacks/drydock/prod.json", False),
        ("s3:PutBucketPolicy", "arn:aws:s3:::network-flow-logs-1", True),
        ("kms:Decrypt", KEY, True),
        ("kms:Encrypt", KEY, True),
        ("kms:GenerateDataKey", KEY, True),
        ("kms:ScheduleKeyDeletion", KEY, False),
        ("kms:DisableKey", KEY, False),
        ("kms:DisableKeyRotation", KEY, False),
        ("kms:PutKeyPolicy", KEY, False),
        ("kms:CreateGrant", KEY, False),
        ("kms:DeleteAlias", KEY, False),
        ("kms:UpdateAlias", KEY, False),
        ("kms:ScheduleKeyDeletion", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/another", True),
    ],
)
def test_the_state_is_used_and_not_changed(action: str, resource: str, allowed: bool) -> None:
    """The bucket and the key of the state keep their settings; others are not held to it."""
    assert ask(action, resource).allowed is allowed
