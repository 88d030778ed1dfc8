"""Trust of roles and resources: one service each, for this account and cluster, with named actions and resources."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.stacks.laws.graph.law import Break
from tests.support.edits import put, without
from tests.support.fake_outputs import ACCOUNT_ID
from tests.support.recorder import Recorded
from tests.support.worlds import World

ROLE = "aws:iam/role:Role"
# EC2 gives neither account nor instance when it assumes the role of an instance; EKS documents this trust:
# https://docs.aws.amazon.com/eks/latest/userguide/auto-create-node-role.html
WITHOUT_SOURCE = ("ec2.amazonaws.com",)


# Every stream of one group:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
STREAMS = re.compile(rf"arn:aws:logs:[a-z0-9-]+:{ACCOUNT_ID}:log-group:[^:*]+:\*")


def _statements(world: World, *kinds: str) -> Iterator[tuple[Recorded, Mapping[str, Any]]]:
    """Yield the statements of all policy documents of some kinds: `trust`, `identity` or `resource`."""
    for resource in world.recording.resources.values():
        if resource.type.startswith("aws:"):
            for name, text in resource.inputs.items():
                is_identity = resource.type.startswith("aws:iam/")
                kind = "trust" if name == "assumeRolePolicy" else "identity" if is_identity else "resource"
                if kind in kinds and isinstance(text, str) and text.startswith("{") and '"Statement"' in text:
                    for statement in json.loads(text)["Statement"]:
                        yield resource, statement


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _principals(statement: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return kind and name of each principal, such as `Service` and `eks.amazonaws.com`."""
    principal = statement["Principal"]
    if isinstance(principal, str):
        return [("any", principal)]
    return [(kind, name) for kind, names in principal.items() for name in _listed(names)]


def every_role_trusts_one_service(world: World) -> Iterator[str]:
    """One statement allows one service to assume the role and to tag the session."""
    for role in world.all(ROLE):
        statements = [each for resource, each in _statements(world, "trust") if resource is role]
        if len(statements) != 1:
            yield f"{role.name} has {len(statements)} statements of trust"
        for statement in statements:
            principals = _principals(statement)
            if len(principals) != 1 or principals[0][0] != "Service":
                yield f"{role.name} trusts {principals}"
            if not set(_listed(statement["Action"])) <= {"sts:AssumeRole", "sts:TagSession"}:
                yield f"{role.name} may be taken by {statement['Action']}"


def every_role_is_for_this_cluster(world: World) -> Iterator[str]:
    """Conditions on the source restrict each role to this cluster, because services act for many customers."""
    (cluster,) = world.all("aws:eks/cluster:Cluster")
    arn = rf"arn:aws:eks:[a-z0-9-]+:{ACCOUNT_ID}:cluster/{re.escape(cluster.inputs['name'])}"
    for role, statement in _statements(world, "trust"):
        condition = statement.get("Condition", {})
        account = condition.get("StringEquals", {}).get("aws:SourceAccount")
        source = {**condition.get("ArnLike", {}), **condition.get("ArnEquals", {})}.get("aws:SourceArn", "")
        exempt = all(name in WITHOUT_SOURCE for _kind, name in _principals(statement))
        if not exempt and (account != ACCOUNT_ID or not re.fullmatch(arn, source)):
            yield f"{role.name} is for account {account} and source {source or None}"


def trust_in_a_service_has_a_condition(world: World) -> Iterator[str]:
    """A resource policy allows only services, each for this account; other principals need IAM."""
    for resource, statement in _statements(world, "resource"):
        if statement["Effect"] == "Allow":
            for kind, name in _principals(statement):
                account = statement.get("Condition", {}).get("StringEquals", {}).get("aws:SourceAccount")
                # Load balancers have the account in the prefix that they write to; AWS documents no condition.
                logs = f"/AWSLogs/{ACCOUNT_ID}/" in str(statement["Resource"])
                if name == "logdelivery.elasticloadbalancing.amazonaws.com" and logs:
                    continue
                if kind != "Service" or account != ACCOUNT_ID:
                    yield f"{resource.name} lets in {name} for account {account}"


def no_right_is_wider_than_its_resources(world: World) -> Iterator[str]:
    """Policies of roles name each action and each resource."""
    for resource, statement in _statements(world, "identity"):
        if statement["Effect"] == "Allow":
            wide = [action for action in _listed(statement.get("Action", ["*"])) if "*" in action]
            wide += [
                arn
                for arn in _listed(statement.get("Resource", ["*"]))
                if arn == "*" or (arn.endswith(":*") and not STREAMS.fullmatch(arn))
            ]
            if wide:
                yield f"{resource.name} allows {', '.join(wide)}"


def every_role_is_taken(world: World) -> Iterator[str]:
    """Every role is used by a resource of the program; an unused role could be misused."""
    users = [r for r in world.recording.resources.values() if not r.type.startswith("aws:iam/")]
    given = " ".join(json.dumps(dict(each.inputs)) for each in users if each.type.startswith("aws:"))
    for role in world.all(ROLE):
        if not any(f'"{identity}"' in given for identity in role.identities if identity.startswith("arn:")):
            yield f"{role.name} is nobody's"


LAWS = [
    every_role_trusts_one_service,
    every_role_is_for_this_cluster,
    trust_in_a_service_has_a_condition,
    no_right_is_wider_than_its_resources,
    every_role_is_taken,
]

_READER, _PLANE, _NODE = (f"Role:{name}" for name in ("app-secrets-reader", "cluster-control-plane", "cluster-node"))
_TRUST = ("assumeRolePolicy", "Statement")
_BUCKET = ("BucketPolicy:network-flow-logs", "policy", "Statement", 1)
_RIGHTS = ("policy", "Statement", 0)
BREAKS = [
    *(
        Break(name=name, edit=edit, law=every_role_trusts_one_service, says=says)
        for name, edit, says in [
            (
                "two services may take a role",
                put(_READER, *_TRUST, 0, "Principal", "Service", value=["pods.eks.amazonaws.com", "ecs.amazonaws.com"]),
                "app-secrets-reader trusts",
            ),
            (
                "the account may take a role",
                put(_READER, *_TRUST, 0, "Principal", value={"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}),
                "app-secrets-reader trusts [('AWS'",
            ),
            ("everybody may take a role", put(_PLANE, *_TRUST, 0, "Principal", value="*"), "trusts [('any', '*')]"),
            ("nobody may take a role", put(_NODE, *_TRUST, value=[]), "cluster-node has 0 statements"),
            (
                "a role is taken with a token",
                put(_READER, *_TRUST, 0, "Action", value="sts:AssumeRoleWithWebIdentity"),
                "app-secrets-reader may be taken by",
            ),
        ]
    ),
    *(
        Break(name=name, edit=edit, law=every_role_is_for_this_cluster, says=says)
        for name, edit, says in [
            (
                "pods of any cluster",
                without(_READER, *_TRUST, 0, "Condition"),
                "app-secrets-reader is for account None",
            ),
            ("EKS for anybody", without(_PLANE, *_TRUST, 0, "Condition"), "cluster-control-plane is for account None"),
            (
                "any cluster of the account",
                put(_READER, *_TRUST, 0, "Condition", "ArnEquals", "aws:SourceArn", value="arn:aws:eks:*"),
                "source arn:aws:eks:*",
            ),
            (
                "another account's cluster",
                put(_PLANE, *_TRUST, 0, "Condition", "StringEquals", "aws:SourceAccount", value="210987654321"),
                "cluster-control-plane is for account 210987654321",
            ),
        ]
    ),
    *(
        Break(name=name, edit=edit, law=trust_in_a_service_has_a_condition, says=says)
        for name, edit, says in [
            ("logs of anybody", without(*_BUCKET, "Condition"), "lets in delivery.logs.amazonaws.com for account None"),
            (
                "another account writes logs",
                put(*_BUCKET, "Principal", value={"AWS": "arn:aws:iam::210987654321:root"}),
                "lets in arn:aws:iam::210987654321:root",
            ),
            (
                "everybody writes logs",
                put("BucketPolicy:network-flow-logs", "policy", "Statement", 1, "Principal", value="*"),
                "network-flow-logs lets in *",
            ),
        ]
    ),
    *(
        Break(
            name=f"a role may do more: {value}",
            edit=put(key, *_RIGHTS, field, value=value),
            law=no_right_is_wider_than_its_resources,
            says=f"{key.partition(':')[2]} allows {value}",
        )
        for key, field, value in [
            ("RolePolicy:jobs-worker", "Action", "sqs:*"),
            ("RolePolicy:jobs-worker", "Resource", "*"),
            ("RolePolicy:migration-reader", "Resource", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:*"),
        ]
    ),
    Break(
        name="no pod has the role",
        edit=put("PodIdentityAssociation:app-secrets-reader", "roleArn", value="arn:aws:iam::123456789012:role/other"),
        law=every_role_is_taken,
        says="app-secrets-reader is nobody's",
    ),
]
