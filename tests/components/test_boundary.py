"""The permissions boundary, for a role that may do everything else. Emulated: IAM's evaluation logic."""

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
# Policies of keys and roles allow the account, so IAM policies decide.
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


def test_it_is_a_valid_managed_policy() -> None:
    """Its grammar and size are within IAM's limits, with all environments of an account."""
    assert list(iam_documents.faults(DOCUMENT, "identity")) == []
    assert len("".join(DOCUMENT.split())) <= 6144


@common
@given(names, st.one_of(st.none(), names.map(lambda name: f"arn:aws:iam::{ACCOUNT}:policy/{name}"), st.just(OWN)))
def test_roles_can_be_created_and_extended_only_with_the_boundary(name: str, limit: str | None) -> None:
    """With another boundary or none, creating a role and attaching policies are denied; removing it always is."""
    keys = {"iam_permissionsboundary": limit} if limit else {}
    for action in ("CreateRole", "PutRolePolicy", "AttachRolePolicy", "PutRolePermissionsBoundary"):
        assert ask(f"iam:{action}", role(f"app-{name}"), **keys).allowed is (limit == OWN), action
    assert not ask("iam:DeleteRolePermissionsBoundary", role(f"app-{name}"), **keys).allowed


@common
@given(names, st.sampled_from(["deploy", "preview", "admin"]))
def test_the_roles_and_policies_of_the_bootstrap_are_immutable(name: str, kind: str) -> None:
    """Roles with the boundary cannot change, pass or assume them, even if those have the boundary too."""
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
    """Users, access keys, groups and identity providers are denied, because the boundary would not apply to them."""
    assert not ask(action, iam_permissionsboundary=OWN).allowed


@common
@given(
    st.sampled_from(REGIONS),
    st.sampled_from(["ec2:RunInstances", "s3:GetObject", "rds:CreateDBInstance", "kms:Decrypt", "eks:CreateCluster"]),
)
def test_it_denies_other_regions(region: str, action: str) -> None:
    """Regional services are denied in other regions; global services are not restricted."""
    assert ask(action, aws_requestedregion=region).allowed is (region == REGION)
    for everywhere in ("iam:GetRole", "sts:GetCallerIdentity", "route53:ListHostedZones", "cloudfront:GetDistribution"):
        assert ask(everywhere, aws_requestedregion=region).allowed
    for for_cloudfront in ("acm:RequestCertificate", "logs:CreateDelivery", "wafv2:CreateWebACL"):
        assert ask(for_cloudfront, aws_requestedregion=region).allowed is (region in (REGION, "us-east-1"))


def objects(environment: str) -> list[str]:
    """Return the keys of the objects that Pulumi stores for a stack."""
    return [
        f"{BUCKET}/.pulumi/stacks/drydock/{environment}.json",
        f"{BUCKET}/.pulumi/stacks/drydock/{environment}.json.bak",
        f"{BUCKET}/.pulumi/locks/organization/drydock/{environment}/4f1d.json",
        f"{BUCKET}/.pulumi/history/drydock/{environment}/{environment}-1.checkpoint.json",
        f"{BUCKET}/.pulumi/backups/drydock/{environment}/{environment}.1.json",
    ]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"])
def test_only_the_state_of_its_own_environment_is_accessible(action: str, environment: str) -> None:
    """This holds also if one environment's name is a prefix of another, and for the state of the bootstrap."""
    for arn in objects(environment):
        assert ask(action, arn).allowed is (environment == "prod"), arn
    account = f"{BUCKET}/.pulumi/stacks/drydock-bootstrap/account.json"
    assert not ask(action, account).allowed


@common
@given(st.sampled_from(ENVIRONMENTS), st.sampled_from(ENVIRONMENTS))
def test_patterns_cover_exactly_the_objects_of_an_environment(one: str, other: str) -> None:
    """They cover all objects of one environment, and none of another."""
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
def test_settings_of_the_state_bucket_and_key_cannot_be_changed(action: str, resource: str, allowed: bool) -> None:
    """They can be used; other buckets and keys are not restricted."""
    assert ask(action, resource).allowed is allowed
