"""A stack is deployed, refreshed and destroyed with the role and the boundary that the bootstrap creates.

Emulated: AWS by moto, with the local cloud's evaluation of IAM. Absent: the engine, the cluster and GitHub.
"""

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bootstrap.program import build_account
from bootstrap.settings import BootstrapSettings
from infra.engine.remains import Remnant, remains
from infra.preflight.reader import Reader
from localcloud.aws.account import Account
from localcloud.aws.iam import gate
from localcloud.aws.iam.decision import Decision, Policies, decide
from localcloud.aws.iam.policy import Request, statements
from localcloud.aws.provider import AwsProvider
from localcloud.aws.server import AwsServer
from localcloud.cloud import ACCESS_KEY
from stacks.settings import AssumedRole, parse_settings
from stacks.settings.network import ENDPOINTS_OF_PODS
from tests.infra.deploy_role.test_policies import documents
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Databases, start_server
from tests.support.deployed import Deployment, Made

ROLE = "drydock-prod-deploy"
ADMIN = "drydock-prod-admin"
KEY = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": ACCESS_KEY}
KEPT = "database-storage"
LATE_LOG_GROUP = "/aws/eks/drydock-prod/cluster"
REPORTED = (
    "RDS snapshot drydock-prod-final-",
    "RDS automated backups of drydock-prod",
    "KMS key",
    "secret",
    f"log group {LATE_LOG_GROUP}",
)
EDGE_SERVICES = ("acm", "elasticloadbalancing", "route53", "wafv2")
ROLE_ARN = f"arn:aws:iam::{ACCOUNT_ID}:role/{ROLE}"
REHEARSED = ("cluster.json", "data.json", "edge.json", "network.json")
TRUST = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT_ID}, "Action": "sts:AssumeRole"}
OPEN = {"Version": "2012-10-17", "Statement": [TRUST]}
ACCOUNT = BootstrapSettings.model_validate(
    {"region": REGION, "accountId": ACCOUNT_ID, "repository": "octo-org/octo-repo"}
)
# Production with fewer zones and endpoints: the same kinds of requests, but fewer.
SMALL = {
    "region": REGION,
    "permissionsBoundary": "drydock-prod-boundary",
    "tags": {"CostCenter": "production"},
    "network": {
        "availabilityZones": ["a", "b"],
        "natStrategy": "single",
        "interfaceEndpoints": sorted(ENDPOINTS_OF_PODS),
    },
    "edge": {"domain": "api.example.com"},
    "services": {
        "shop": {
            "image": "app",
            "queue": True,
            "worker": {"command": ["python", "-m", "app", "worker"]},
            "database": {},
            "migration": {"command": ["python", "-m", "app", "migrate"]},
            "route": {"pathPrefix": "/shop"},
        },
    },
}
FRONTED = {**SMALL, "edge": {"domain": "api.example.com", "scheme": "internet-facing", "cloudfront": {}}}


@dataclass(frozen=True)
class Asked:
    """A request, and IAM's decision with all policies."""

    request: Request
    policies: Policies
    answer: Decision


@dataclass
class Life:
    """Requests, resources and remains of the deployed and destroyed stack."""

    asked: list[Asked] = field(default_factory=list)
    """All requests of the deployment, in their order."""
    made: list[Made] = field(default_factory=list)
    remnants: list[Remnant] = field(default_factory=list)
    """Lines of the report after the destroy, read with the deployment role."""


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Deploy, refresh and destroy a stack, and report what is left."""
    return _lived(tmp_path_factory, SMALL)


@pytest.fixture(scope="module")
def fronted(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Do the same with a stack behind CloudFront."""
    return _lived(tmp_path_factory, FRONTED)


def _lived(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, Any]) -> Life:
    life = Life()
    server = start_server(tmp_path_factory.mktemp("aws"))
    try:
        _live(life, server, settings)
    finally:
        # Its threads would keep the process from ending after a failure.
        server.stop()
    return life


def _live(life: Life, server: AwsServer, settings: dict[str, Any]) -> None:
    def remember(request: Request, policies: Policies) -> Decision:
        answer = decide(request, policies)
        if ROLE_ARN in request.caller.names:
            life.asked.append(Asked(request, policies, answer))
        return answer

    call = Account(ACCOUNT_ID, REGION, server.endpoint).call
    call("route53", "CreateHostedZone", Name="example.com", CallerReference="a")
    account = Deployment(AwsProvider(ACCOUNT_ID, REGION, server.endpoint, server.journal, Databases()))
    account.run(lambda: build_account(ACCOUNT), "account")
    call("iam", "CreateRole", RoleName=ADMIN, AssumeRolePolicyDocument=json.dumps(OPEN))
    # Trust this account instead of a token of GitHub, which only GitHub can sign.
    call("iam", "UpdateAssumeRolePolicy", RoleName=ROLE, PolicyDocument=json.dumps(OPEN))
    deployment = Deployment(
        AwsProvider(ACCOUNT_ID, REGION, server.endpoint, server.journal, Databases()), role_arn=ROLE_ARN
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gate, "decide", remember)
        deployment.up(parse_settings(settings, "prod"), "prod")
        life.made = list(deployment.made)
        deployment.refresh()
        deployment.unprotect()
        # Keep this key, as the engine does with retainOnDelete: the snapshot is encrypted with it.
        deployment.made = [one for one in deployment.made if one.target.name != KEPT]
        deployment.destroy()
    # EKS creates the log group again when it writes its last lines after the destroy.
    call("logs", "CreateLogGroup", logGroupName=LATE_LOG_GROUP)
    owner = Reader(REGION, endpoint=server.endpoint, credentials=KEY)
    deployer = owner.assuming([AssumedRole.model_validate({"roleArn": ROLE_ARN})])
    state = [{"type": one.target.type, "id": one.id, "outputs": one.outputs} for one in life.made]
    life.remnants = remains(state, deployer)


@pytest.fixture(scope="module")
def asked(life: Life) -> list[Asked]:
    """All requests of the deployment."""
    return life.asked


def test_the_report_names_the_remaining_resources(life: Life) -> None:
    """It names what the engine keeps and what AWS deletes later; the deployment role may read all of it."""
    kinds = Counter(one.target.type for one in life.made)
    keys, secrets = kinds["aws:kms/key:Key"], kinds["aws:secretsmanager/secret:Secret"]
    (kept,) = [one.id for one in life.made if one.target.name == KEPT]
    said = sorted(f"{one.what}: {one.why}" for one in life.remnants)

    assert [line for line in said if "unknown" in line] == []
    groups = Counter(next(kind for kind in REPORTED if line.startswith(kind)) for line in said)
    assert groups == {
        "RDS snapshot drydock-prod-final-": 1,
        "RDS automated backups of drydock-prod": 1,
        "KMS key": keys,
        **({"secret": secrets} if secrets else {}),  # none as long as `service.secrets` is empty
        f"log group {LATE_LOG_GROUP}": 1,
    }
    assert keys > 1
    assert [line for line in said if "schedule-key-deletion" in line] == [line for line in said if kept in line] != []
    assert sum("KMS deletes it on" in line for line in said) == keys - 1
    assert sum("can be restored for 30 days" in line for line in said) == secrets


def test_the_policies_allow_every_request(asked: list[Asked], fronted: Life) -> None:
    """No request of deployment, refresh, destroy and report is denied, also behind CloudFront."""
    assert len(asked) > 500
    assert [one.request.action for one in [*asked, *fronted.asked] if not one.answer.allowed] == []


def without(action: str) -> list[Any]:
    """Return the statements of all policies without one action."""
    return [
        statement
        for document in documents().values()
        for each in document["Statement"]
        for statement in statements(
            {**document, "Statement": {**each, "Action": [one for one in each["Action"] if one != action]}}
        )
    ]


def test_each_action_is_needed(asked: list[Asked]) -> None:
    """Without any single action, the requests that need it are denied with its name.

    Other requests are not affected, because statements name actions one by one.
    """
    rehearsed = [action for name in REHEARSED for each in documents()[name]["Statement"] for action in each["Action"]]
    assert len(rehearsed) > 100
    _need(rehearsed, asked)


def test_each_action_for_cloudfront_is_needed(fronted: Life) -> None:
    """Verify the same for the actions that only a stack behind CloudFront needs."""
    [statement] = documents()["cloudfront.json"]["Statement"]
    _need(statement["Action"], fronted.asked)


def _need(actions: list[str], asked: list[Asked]) -> None:
    for action in actions:
        left = without(action)
        denied = {
            (one.request.action, answer.reason)
            for one in asked
            if one.request.action == action
            and not (answer := decide(one.request, replace(one.policies, identity=left))).allowed
        }
        assert denied == {(action, f"because no identity-based policy allows the {action} action")}


@pytest.mark.parametrize("file", ["not-rehearsed.json", "not-rehearsed-data.json"])
def test_no_request_uses_the_documents_of_actions_that_are_not_rehearsed(asked: list[Asked], file: str) -> None:
    """None of their actions is requested."""
    used = {one.request.action for one in asked}

    assert used.isdisjoint(action for each in documents()[file]["Statement"] for action in each["Action"])


def test_the_resource_of_each_request_is_known(asked: list[Asked]) -> None:
    """Policies that name resources can be decided. Exception: DisassociateRouteTable, which names no subnet."""
    unknown = {one.request.action for one in asked if one.request.resource is None}
    # The policies name no resource of the edge, because their ids are not known before they are created.
    edge = {action for action in unknown if action.partition(":")[0] in EDGE_SERVICES}
    assert unknown - edge <= {"ec2:DisassociateRouteTable"}


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:PassRole", "role/app-secrets-reader-"),
        ("iam:PassRole", "role/migration-reader-"),
        ("secretsmanager:CreateSecret", "secret:rds!db-"),
        ("iam:PassRole", "role/cluster-control-plane-"),
        ("iam:PassRole", "role/cluster-node-"),
        ("ec2:CreateTags", "subnet/*"),
        ("rds:CreateDBInstance", "subgrp:database-subnets-"),
        ("rds:AddTagsToResource", "pg:database-parameters-"),
        ("kms:CreateGrant", "key/"),
        ("ecr:TagResource", "repository/drydock-prod"),
        ("logs:TagResource", "log-group:/aws/eks/drydock-prod/cluster"),
        ("sqs:TagQueue", "jobs-queue-"),
    ],
)
def test_dependent_permissions_of_an_operation_are_required(asked: list[Asked], action: str, resource: str) -> None:
    """Examples: roles that are passed to a service, tags at creation, grants of keys to a service."""
    assert any(one.request.action == action and resource in str(one.request.resource) for one in asked)
