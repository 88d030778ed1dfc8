"""An account created by the bootstrap program with the stand-in, its checks and moto, without the Pulumi engine."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pulumi_policy import ResourceValidationPolicy

from bootstrap.program import build_account, deploy_policies
from bootstrap.settings import BootstrapSettings
from components._deploy_access import preview_subject
from infra.engine.places import ROOT
from infra.policy.rules.registered import RULES
from localcloud.aws.account import Account
from localcloud.aws.iam.conditions import Context
from localcloud.aws.iam.decision import trusts
from localcloud.aws.iam.policy import Caller, Request, statements
from localcloud.aws.provider import AwsProvider
from stacks.settings import SettingsError, require_name
from tests.infra.policy.judge import Given, violations
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Databases, start_server
from tests.support.deployed import Deployment
from tests.support.planned import deployed
from tests.support.recorder import Recording

ENVIRONMENTS = ["dev", "prod", "environments-of-30-characters"]
SETTINGS = BootstrapSettings.model_validate_json(
    json.dumps(
        {
            "region": REGION,
            "accountId": ACCOUNT_ID,
            "repository": "octo-org/octo-repo",
            "environments": ENVIRONMENTS,
        }
    )
)
BUCKET = f"drydock-state-{ACCOUNT_ID}-{REGION}"
PROVIDER = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/token.actions.githubusercontent.com"


class Bootstrapped:
    """The API of the account, and the registrations of the program."""

    def __init__(self, account: Account, deployment: Deployment, recording: Recording) -> None:
        self.call, self.deployment, self.recording = account.call, deployment, recording

    def role(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.call("iam", "GetRole", RoleName=name)["Role"]
        return found


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bootstrapped]:
    server = start_server(tmp_path_factory.mktemp("aws"))
    deployment = Deployment(AwsProvider(ACCOUNT_ID, REGION, server.endpoint, server.journal, Databases()))
    recording = deployment.run(lambda: build_account(SETTINGS), "account")
    yield Bootstrapped(Account(ACCOUNT_ID, REGION, server.endpoint), deployment, recording)
    deployment.destroy()
    assert server.left() == []
    server.stop()


def test_a_refresh_finds_no_drift(account: Bootstrapped) -> None:
    """All properties are read as they were set."""
    assert len(account.deployment.made) > 20
    assert {made.target.urn: drift for made in account.deployment.made if (drift := made.refresh())} == {}


def test_the_outputs_are_the_settings_of_the_next_commands(account: Bootstrapped) -> None:
    """URL of the backend, secrets provider, and roles of the workflows."""
    assert account.recording.result == {
        "backend_url": f"s3://{BUCKET}?region={REGION}",
        "secrets_provider": f"awskms://alias/drydock-state?region={REGION}",
        "deploy_role_arns": {name: f"arn:aws:iam::{ACCOUNT_ID}:role/drydock-{name}-deploy" for name in ENVIRONMENTS},
        "preview_role_arns": {name: f"arn:aws:iam::{ACCOUNT_ID}:role/drydock-{name}-preview" for name in ENVIRONMENTS},
    }


def test_the_state_is_versioned_encrypted_private_and_tls_only(account: Bootstrapped) -> None:
    """According to the API of the account. Old versions expire after 90 days."""
    call = account.call
    assert call("s3", "GetBucketVersioning", Bucket=BUCKET)["Status"] == "Enabled"
    (rule,) = call("s3", "GetBucketEncryption", Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    aliases = {each["AliasName"]: each.get("TargetKeyId") for each in call("kms", "ListAliases")["Aliases"]}
    key = aliases["alias/drydock-state"]
    default = rule["ApplyServerSideEncryptionByDefault"]
    assert (default["SSEAlgorithm"], default["KMSMasterKeyID"].rpartition("/")[2]) == ("aws:kms", key)
    assert call("kms", "GetKeyRotationStatus", KeyId=key)["KeyRotationEnabled"]
    block = call("s3", "GetPublicAccessBlock", Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    (statement,) = json.loads(call("s3", "GetBucketPolicy", Bucket=BUCKET)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    (expiry,) = call("s3", "GetBucketLifecycleConfiguration", Bucket=BUCKET)["Rules"]
    assert expiry["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}
    assert "Expiration" not in expiry


def test_only_the_bucket_and_the_key_of_the_state_are_protected(account: Bootstrapped) -> None:
    """Pulumi refuses to delete protected resources."""
    protected = {each.type for each in account.recording.resources.values() if each.protect}

    assert protected == {"aws:s3/bucket:Bucket", "aws:kms/key:Key"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_documented_roles_for_people_use_existing_names(account: Bootstrapped, environment: str) -> None:
    """The commands of docs/on-aws.md copy the inline policy of the deploy role, and use its policies and boundary."""
    page = (ROOT / "docs" / "on-aws.md").read_text()
    block = page[page.index("### Roles for people") :].split("```")[1].replace("$stack", environment)
    (source,) = re.findall(r'get-role-policy --role-name "([^"]+)" --policy-name (\w+)', block)
    created = re.search(r"for role in (.+); do", block)
    boundary, policy = re.findall(r"policy/([\w-]+)", block)

    assert account.call("iam", "GetRolePolicy", RoleName=source[0], PolicyName=source[1])["PolicyDocument"]
    arn = f"arn:aws:iam::{ACCOUNT_ID}:policy/{{}}"
    for name in (boundary, *(f"{policy}{name}" for name in deploy_policies())):
        assert account.call("iam", "GetPolicy", PolicyArn=arn.format(name))["Policy"]
    made = {role["RoleName"] for role in account.call("iam", "ListRoles")["Roles"]}
    assert created
    assert not made & set(re.findall(r'"([^"]+)"', created[1]))
    assert f"drydock-{environment}-admin" in created[1]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_environment_has_a_deploy_role_and_a_preview_role(account: Bootstrapped, environment: str) -> None:
    """Both have the boundary of the environment; the deploy role has the policies of the repository."""
    boundary = f"arn:aws:iam::{ACCOUNT_ID}:policy/drydock-{environment}-boundary"
    attached = {}
    for kind, seconds in (("deploy", 7200), ("preview", 3600)):
        role = account.role(f"drydock-{environment}-{kind}")
        assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
        assert role["MaxSessionDuration"] == seconds
        found = account.call("iam", "ListAttachedRolePolicies", RoleName=role["RoleName"])["AttachedPolicies"]
        attached[kind] = {each["PolicyArn"].rpartition("/")[2]: each["PolicyArn"] for each in found}
    assert set(attached["preview"]) == {"drydock-preview-read"}
    assert set(attached["deploy"]) == {f"drydock-deploy-{name}" for name in deploy_policies()}
    for name, document in deploy_policies().items():
        version = account.call(
            "iam", "GetPolicyVersion", PolicyArn=attached["deploy"][f"drydock-deploy-{name}"], VersionId="v1"
        )
        assert version["PolicyVersion"]["Document"] == document


def test_the_preview_role_may_neither_read_data_nor_change_resources(account: Bootstrapped) -> None:
    """Its policy has read actions only, without secrets, objects and images. It may read the state."""
    arn = f"arn:aws:iam::{ACCOUNT_ID}:policy/drydock-preview-read"
    version = account.call("iam", "GetPolicyVersion", PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    (statement,) = version["Document"]["Statement"]

    assert len(statement["Action"]) > 40
    assert all(each.split(":")[1].startswith(("Describe", "Get", "List")) for each in statement["Action"])
    assert not {"secretsmanager:GetSecretValue", "s3:GetObject", "s3:GetObjectVersion", "ecr:BatchGetImage"} & set(
        statement["Action"]
    )
    state = account.call("iam", "GetRolePolicy", RoleName="drydock-prod-preview", PolicyName="state")
    own = {action for each in state["PolicyDocument"]["Statement"] for action in each["Action"]}
    assert own == {"s3:ListBucket", "s3:GetObject", "kms:Decrypt", "kms:DescribeKey"}


@given(st.from_regex(r"[a-z][a-z0-9-]{0,29}", fullmatch=True))
def test_no_stack_is_named_like_a_preview_environment(stack: str) -> None:
    """Else a job that previews one environment could deploy another."""
    environment = preview_subject("octo-org/octo-repo", stack).rpartition(":")[2]

    with pytest.raises(SettingsError, match="not a valid name of an environment"):
        require_name(environment)


def test_the_policy_pack_reports_only_the_boundaries(account: Bootstrapped) -> None:
    """A boundary allows all that it does not deny, and grants nothing, which the rule cannot know."""
    found = {
        (rule.name, resource.name)
        for resource in deployed(account.recording)
        for rule in RULES
        if isinstance(rule, ResourceValidationPolicy)
        and violations(rule, Given(type=resource.type, properties=resource.properties, protect=resource.protect))
    }

    assert found == {("aws-iam-no-wildcard-admin", f"identities-{name}-boundary") for name in ENVIRONMENTS}


def may_take(account: Bootstrapped, role: str, *, sub: str, aud: str = "sts.amazonaws.com", by: str = PROVIDER) -> bool:
    """Return whether a token of an OIDC provider may assume a role, by an evaluation of its trust policy."""
    document = account.role(role)["AssumeRolePolicyDocument"]
    issuer = by.partition("oidc-provider/")[2]
    context = Context(values={f"{issuer}:sub": (sub,), f"{issuer}:aud": (aud,)}, known=frozenset())
    caller = Caller(names=frozenset({by}))
    request = Request(action="sts:AssumeRoleWithWebIdentity", resource=None, caller=caller, context=context)
    return trusts(statements(document), request).allowed


part = st.from_regex(r"[A-Za-z0-9._-]{1,20}", fullmatch=True)
owners = st.one_of(st.sampled_from(["octo-org", "octo-org2", "octo", "fork"]), part)
repositories = st.one_of(st.sampled_from(["octo-repo", "octo-repo2", "octo", "*"]), part)
contexts = st.one_of(
    st.just("pull_request"),
    st.sampled_from([*ENVIRONMENTS, "pro", "prod2", "Prod", "*"]).map(lambda name: f"environment:{name}"),
    st.sampled_from([*ENVIRONMENTS, "pro", "prod2", "Prod", "*"]).map(lambda name: f"environment:{name}_preview"),
    part.map(lambda name: f"environment:{name}"),
    part.map(lambda name: f"ref:refs/heads/{name}"),
    st.sampled_from(["ref:refs/heads/main", "ref:refs/tags/prod", "environment:prod:ref:refs/heads/main"]),
)


@settings(deadline=None, max_examples=150)
@given(owners, repositories, contexts)
@example("octo-org", "octo-repo", "environment:prod")
@example("octo-org", "octo-repo", "environment:prod_preview")
@example("octo-org", "octo-repo", "environment:prod-preview")
@example("octo-org", "octo-repo", "pull_request")
@example("fork", "octo-repo", "environment:prod_preview")
@example("octo-org", "octo-repo", "ref:refs/heads/prod")
def test_a_token_may_assume_only_the_role_of_its_subject(
    account: Bootstrapped, owner: str, repository: str, where: str
) -> None:
    """A job in an environment may deploy it, one in its preview environment may preview it, others neither."""
    sub = f"repo:{owner}/{repository}:{where}"
    ours = (owner, repository) == ("octo-org", "octo-repo")
    for environment in ENVIRONMENTS:
        deploys = may_take(account, f"drydock-{environment}-deploy", sub=sub)
        assert deploys is (ours and where == f"environment:{environment}")
        previews = may_take(account, f"drydock-{environment}-preview", sub=sub)
        assert previews is (ours and where == f"environment:{environment}_preview")


@settings(deadline=None, max_examples=50)
@given(part, part)
def test_tokens_of_another_audience_or_issuer_may_not_assume_a_role(
    account: Bootstrapped, audience: str, issuer: str
) -> None:
    """Even with the right subject."""
    other = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{issuer}.example.com"
    for role, sub in (
        ("drydock-prod-deploy", "repo:octo-org/octo-repo:environment:prod"),
        ("drydock-prod-preview", "repo:octo-org/octo-repo:environment:prod_preview"),
    ):
        assert may_take(account, role, sub=sub)
        assert not may_take(account, role, sub=sub, aud=audience)
        assert not may_take(account, role, sub=sub, by=other)
