"""The stand-in for the aws provider assumes the deployment role. Emulated: the account, in this process."""

import json
from typing import Any

import pytest

from localcloud.aws.account import Account
from localcloud.aws.provider import AwsProvider
from localcloud.aws.server import AwsServer
from localcloud.aws.sign_in import parameters, seconds
from localcloud.protocol.servicer import ProviderError
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Databases, Stack

DEPLOY = f"arn:aws:iam::{ACCOUNT_ID}:role/deploy"
HUB = f"arn:aws:iam::{ACCOUNT_ID}:role/ops/hub"
ROOT = f"arn:aws:iam::{ACCOUNT_ID}:root"
VPC = {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True, "tags": {"Name": "x"}}


def document(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def trust(principal: str, **more: Any) -> str:
    return document(Principal={"AWS": principal}, Action=["sts:AssumeRole", "sts:TagSession"], **more)


@pytest.fixture(scope="module")
def running(module_server: AwsServer) -> AwsServer:
    call = Account(ACCOUNT_ID, REGION, module_server.endpoint).call
    call("iam", "CreateRole", RoleName="deploy", AssumeRolePolicyDocument=trust(ROOT))
    call("iam", "CreateRole", RoleName="hub", Path="/ops/", AssumeRolePolicyDocument=trust(ROOT))
    return module_server


@pytest.fixture
def owner(running: AwsServer) -> Account:
    """The owner of the account, in which both roles trust the account and have no permissions."""
    account = Account(ACCOUNT_ID, REGION, running.endpoint)
    for name in ("deploy", "hub"):
        account.call("iam", "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=trust(ROOT))
        nothing = document(Action="none:None", Resource="*")
        account.call("iam", "PutRolePolicy", RoleName=name, PolicyName="own", PolicyDocument=nothing)
    running.denials._entries.clear()
    return account


def allow(owner: Account, role: str, *actions: str, resource: str = "*") -> None:
    text = document(Action=list(actions), Resource=resource)
    owner.call("iam", "PutRolePolicy", RoleName=role, PolicyName="own", PolicyDocument=text)


@pytest.fixture
def provider(running: AwsServer, owner: Account) -> AwsProvider:
    return AwsProvider(ACCOUNT_ID, REGION, running.endpoint, running.journal, Databases())


def configure(provider: AwsProvider, *roles: dict[str, Any]) -> None:
    provider.configure({"region": REGION, **({"assumeRoles": json.dumps(roles)} if roles else {})})


def refused(provider: AwsProvider, *roles: dict[str, Any]) -> str:
    with pytest.raises(ProviderError) as error:
        configure(provider, *roles)
    return str(error.value)


def test_a_role_without_permissions_creates_nothing(provider: AwsProvider, owner: Account) -> None:
    """The message has AWS's error and the remedy; the account is not changed."""
    before = len(owner.call("ec2", "DescribeVpcs")["Vpcs"])
    configure(provider, {"roleArn": DEPLOY, "sessionName": "ci"})

    with pytest.raises(ProviderError) as error:
        Stack(provider).create("aws:ec2/vpc:Vpc", "vpc", **VPC)

    assert str(error.value) == (
        "aws:ec2/vpc:Vpc vpc: CreateVpc was refused with UnauthorizedOperation: User: "
        f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/deploy/ci is not authorized to perform: ec2:CreateVpc on resource: "
        f"arn:aws:ec2:{REGION}:{ACCOUNT_ID}:vpc/* because no identity-based policy allows the ec2:CreateVpc action "
        "(add the action to a policy of the deploy role; docs/deploy-role.md lists what it needs; the * "
        "stands for a name that the request does not have or the local cloud does not find in it "
        "(localcloud/aws/iam/references.py))"
    )
    assert len(owner.call("ec2", "DescribeVpcs")["Vpcs"]) == before


def test_a_policy_that_does_not_exist_is_reported_as_such(provider: AwsProvider, owner: Account) -> None:
    """Not as a permission that the role lacks, which it also does for an existing policy."""
    managed = "arn:aws:iam::aws:policy"
    configure(provider, {"roleArn": DEPLOY})

    def refusal(name: str) -> str:
        with pytest.raises(ProviderError) as error:
            Stack(provider).create(
                "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "own", role="hub", policyArn=f"{managed}/{name}"
            )
        return str(error.value)

    assert "AccessDenied: " in refusal("AmazonEKSClusterPolicy")
    assert refusal("AmazonEKSAutoPolicy") == (
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment own: AttachRolePolicy was refused with NoSuchEntity: Policy "
        f"{managed}/AmazonEKSAutoPolicy does not exist or is not attachable. (correct the value in the settings or in "
        "the program; accepted: the ARN of a policy that exists; at policyArn; rule: https://github.com/pulumi/pulumi/issues/7419)"
    )


VPC_ACTIONS = [
    "ec2:CreateVpc",
    "ec2:CreateTags",
    "ec2:ModifyVpcAttribute",
    "ec2:DescribeVpcs",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
]


@pytest.mark.parametrize("lacking", ["", *VPC_ACTIONS])
def test_a_role_needs_each_action(provider: AwsProvider, owner: Account, running: AwsServer, lacking: str) -> None:
    """With all of them a VPC is created; without one the refusal names that action, and nothing is left."""
    before = len(owner.call("ec2", "DescribeVpcs")["Vpcs"])
    allow(owner, "deploy", *(action for action in VPC_ACTIONS if action != lacking))
    configure(provider, {"roleArn": DEPLOY})

    if lacking:
        with pytest.raises(
            ProviderError, match=f"is not authorized to perform: {lacking} on|perform: {lacking} because"
        ):
            Stack(provider).create("aws:ec2/vpc:Vpc", "vpc", **VPC)
        assert len(owner.call("ec2", "DescribeVpcs")["Vpcs"]) == before
        assert [each["action"] for each in running.denials.told()["denials"]] == [lacking]
    else:
        Stack(provider).create("aws:ec2/vpc:Vpc", "vpc", **VPC)
        assert running.denials.told()["denials"] == []


def test_without_a_role_the_owner_deploys_again(provider: AwsProvider) -> None:
    """A configuration without a role resets the role; one without a region has no effect."""
    configure(provider, {"roleArn": DEPLOY})
    provider.configure({})
    with pytest.raises(ProviderError, match="not authorized to perform: ec2:CreateVpc"):
        Stack(provider).create("aws:ec2/vpc:Vpc", "vpc", **VPC)

    configure(provider)
    Stack(provider).create("aws:ec2/vpc:Vpc", "vpc", **VPC)


@pytest.mark.parametrize("arn", [f"arn:aws:iam::{ACCOUNT_ID}:role/none", "arn:aws:iam::999999999999:role/deploy"])
def test_a_missing_role_is_refused_like_one_without_trust(provider: AwsProvider, owner: Account, arn: str) -> None:
    """AWS's message is the same for both."""
    words = f"User: arn:aws:sts::{ACCOUNT_ID}:user/moto is not authorized to perform: sts:AssumeRole on resource: "
    assert f"assumeRoles: AssumeRole was refused with AccessDenied: {words}{arn} " in refused(
        provider, {"roleArn": arn}
    )

    owner.call("iam", "UpdateAssumeRolePolicy", RoleName="deploy", PolicyDocument=trust(HUB))
    assert f"AccessDenied: {words}{DEPLOY} " in refused(provider, {"roleArn": DEPLOY})


def test_evaluates_the_conditions_of_the_trust_policy(provider: AwsProvider, owner: Account) -> None:
    """The condition here is an external id."""
    wants = {"Condition": {"StringEquals": {"sts:ExternalId": "told"}}}
    owner.call("iam", "UpdateAssumeRolePolicy", RoleName="deploy", PolicyDocument=trust(ROOT, **wants))

    assert "AccessDenied" in refused(provider, {"roleArn": DEPLOY})
    assert "AccessDenied" in refused(provider, {"roleArn": DEPLOY, "externalId": "other"})
    configure(provider, {"roleArn": DEPLOY, "externalId": "told"})


def test_a_revoked_trust_fails_the_next_run(provider: AwsProvider, owner: Account) -> None:
    """The session of the previous run is not used, although it is still valid."""
    configure(provider, {"roleArn": DEPLOY})
    owner.call("iam", "UpdateAssumeRolePolicy", RoleName="deploy", PolicyDocument=trust(HUB))

    assert "AccessDenied" in refused(provider, {"roleArn": DEPLOY})


def test_assumes_roles_one_after_the_other(provider: AwsProvider, owner: Account) -> None:
    """The first role assumes the second, for which it needs permission and trust; the last one deploys."""
    chain = ({"roleArn": HUB}, {"roleArn": DEPLOY})
    owner.call("iam", "UpdateAssumeRolePolicy", RoleName="deploy", PolicyDocument=trust(HUB))
    allow(owner, "deploy", "ec2:*")
    assert "AccessDenied" in refused(provider, {"roleArn": DEPLOY})

    allow(owner, "hub", "sts:AssumeRole", resource=DEPLOY)
    configure(provider, *chain)
    Stack(provider).create("aws:ec2/vpc:Vpc", "vpc", **VPC)


def test_a_preview_without_a_cloud_assumes_no_role() -> None:
    """There is no account."""
    provider = AwsProvider(ACCOUNT_ID, REGION, None)
    configure(provider, {"roleArn": DEPLOY})

    inputs = provider.check(Stack(provider).target("aws:ec2/vpc:Vpc", "vpc"), {}, VPC)
    assert provider.create(Stack(provider).target("aws:ec2/vpc:Vpc", "vpc"), inputs, preview=True)[0] == ""


def test_a_session_survives_a_failed_operation(provider: AwsProvider, owner: Account) -> None:
    """The rollback of an operation does not remove the session, so the next one works."""
    allow(owner, "deploy", "ec2:*")
    configure(provider, {"roleArn": DEPLOY})
    with pytest.raises(ProviderError):
        Stack(provider).create("aws:ec2/subnet:Subnet", "lost", vpcId="vpc-0123456789abcdef0", cidrBlock="10.0.0.0/24")

    Stack(provider).create("aws:ec2/vpc:Vpc", "vpc", **VPC)


def test_passes_on_all_options_of_an_assumed_role() -> None:
    """They have the names of STS."""
    assert parameters(
        {
            "roleArn": DEPLOY,
            "sessionName": "ci",
            "externalId": "x-1",
            "duration": "1h30m",
            "policy": "{}",
            "policyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
            "sourceIdentity": "me",
            "tags": {"a": "b"},
            "transitiveTagKeys": ["a"],
        }
    ) == {
        "RoleArn": DEPLOY,
        "RoleSessionName": "ci",
        "ExternalId": "x-1",
        "DurationSeconds": 5400,
        "Policy": "{}",
        "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
        "SourceIdentity": "me",
        "Tags": [{"Key": "a", "Value": "b"}],
        "TransitiveTagKeys": ["a"],
    }
    assert parameters({"roleArn": DEPLOY}) == {"RoleArn": DEPLOY, "RoleSessionName": "pulumi"}


@pytest.mark.parametrize(
    ("duration", "expected"), [("900s", 900), ("15m", 900), ("1.5h", 5400), ("1h0m1s", 3601), ("900000ms", 900)]
)
def test_accepts_a_duration_in_the_format_of_go(duration: str, expected: int) -> None:
    assert seconds(duration) == expected


@pytest.mark.parametrize("duration", ["", "900", "1 h", "h", "1h-", "-1h"])
def test_refuses_a_duration_without_a_unit(duration: str) -> None:
    with pytest.raises(ProviderError, match="duration must be a number with its unit, such as 1h or 90m, got"):
        seconds(duration)
