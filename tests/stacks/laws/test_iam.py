"""Trust and permissions of all roles, spelled out, so that anything wider fails."""

import json
from typing import Any

from tests.support.fake_outputs import ACCOUNT_ID
from tests.support.recorder import Recorded
from tests.support.services import Service, named, services_of
from tests.support.worlds import STACKS, World, every_world, world_of

ROLE = "aws:iam/role:Role"
PROVIDER_CLASS = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
# sts:TagSession: Pod Identity and Auto Mode tag their sessions, which the role has to allow.
# https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html
TAKE = ["sts:AssumeRole", "sts:TagSession"]


def _statements(text: str) -> list[dict[str, Any]]:
    document = json.loads(text)
    assert set(document) == {"Version", "Statement"}
    assert document["Version"] == "2012-10-17"
    return document["Statement"]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@every_world
def test_each_role_trusts_its_service(world: World) -> None:
    """It is EKS, EC2 for nodes, or Pod Identity; no role has inline or managed policies of its own."""
    trusts = {role.name: _statements(role.inputs["assumeRolePolicy"]) for role in world.all(ROLE)}
    assert {name: [(each["Principal"], each["Action"]) for each in trust] for name, trust in trusts.items()} == {
        "cluster-control-plane": [({"Service": "eks.amazonaws.com"}, TAKE)],
        "cluster-node": [({"Service": "ec2.amazonaws.com"}, TAKE)],
        "app-secrets-reader": [({"Service": "pods.eks.amazonaws.com"}, TAKE)],
        "migration-reader": [({"Service": "pods.eks.amazonaws.com"}, TAKE)],
        "pod-logs-writer": [({"Service": "pods.eks.amazonaws.com"}, TAKE)],
        **{role: [({"Service": "pods.eks.amazonaws.com"}, TAKE)] for role in _roles_of_named(world)},
    }
    assert all(set(role.inputs) - {"permissionsBoundary"} == {"assumeRolePolicy"} for role in world.all(ROLE))


def _roles_of_named(world: World) -> list[str]:
    return [role for service in named(world) for role in (service.role, service.migration_role) if role]


@every_world
def test_each_role_has_the_boundary_of_the_settings(world: World) -> None:
    """This holds for the roles of all components; without the setting, no role has a boundary."""
    policy = world.settings.permissions_boundary
    expected = {f"arn:aws:iam::{ACCOUNT_ID}:policy/{policy}"} if policy else {None}

    assert len(world.all(ROLE)) >= 4
    assert {role.inputs.get("permissionsBoundary") for role in world.all(ROLE)} == expected


def test_each_stack_on_aws_names_the_boundary_of_the_bootstrap() -> None:
    """The stack `local` names none, because a local account is not bootstrapped."""
    for stack in STACKS:
        expected = None if stack == "local" else f"drydock-{stack}-boundary"
        assert world_of(stack).settings.permissions_boundary == expected, f"permissionsBoundary of {stack}"


@every_world
def test_each_role_has_the_managed_policies_it_needs(world: World) -> None:
    """They are those that EKS documents for Auto Mode, for the control plane and for nodes."""
    attached = {(world.owner(a.inputs["role"]).name, a.inputs["policyArn"]) for a in world.all(ATTACHMENT)}

    assert attached == {
        (role, f"arn:aws:iam::aws:policy/{policy}")
        for role, policies in {
            "cluster-control-plane": [
                "AmazonEKSBlockStoragePolicy",
                "AmazonEKSClusterPolicy",
                "AmazonEKSComputePolicy",
                "AmazonEKSLoadBalancingPolicy",
                "AmazonEKSNetworkingPolicy",
            ],
            "cluster-node": ["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodeMinimalPolicy"],
        }.items()
        for policy in policies
    }
    assert len(world.all(ATTACHMENT)) == len(attached)
    cluster = world.only("aws:eks/cluster:Cluster")
    assert world.owner(cluster.inputs["roleArn"]).name == "cluster-control-plane"
    assert world.owner(cluster.inputs["computeConfig"]["nodeRoleArn"]).name == "cluster-node"


@every_world
def test_pods_may_sign_in_and_use_their_queues(world: World) -> None:
    """Each action is allowed on the resource of its service only, without wildcards, and on the key of its queue."""
    policies = {p.name: p for p in world.all("aws:iam/rolePolicy:RolePolicy")}

    nodes = policies.pop("cluster-control-plane-nodes")
    assert world.owner(nodes.inputs["role"]).name == "cluster-control-plane"
    assert_migration(world, policies.pop("migration-reader"))
    assert_pod_logs(world, policies.pop("pod-logs-writer"))
    for service in services_of(world):
        if mounted := policies.pop(f"{service.mounted}-reader", None):
            assert world.owner(mounted.inputs["role"]).name == service.role
            assert_mounted(world, service, json.loads(mounted.inputs["policy"]))
        else:
            assert not service.existing
        if service.user:
            assert_connects(world, policies.pop(service.role), service.role, service.user)
            if service.migration_role and not service.bundled:
                migrates = policies.pop(service.migration_role)
                assert_connects(world, migrates, service.migration_role, f"{service.user}__migration")
        if service.queue:
            assert_uses_queue(world, policies.pop(f"{service.queue}-worker"), service.role, service.queue)
    assert policies == {}, "describe these new policies of roles in this test"


def assert_connects(world: World, policy: Recorded, role: str, user: str) -> None:
    """Assert that a role may sign in to the database as one user, and nothing else."""
    assert world.owner(policy.inputs["role"]).name == role
    (connect,) = _statements(policy.inputs["policy"])
    users = f"arn:aws:rds-db:{world.settings.region}:{ACCOUNT_ID}:dbuser:db-DATABASE-INSTANCE"
    assert connect == {"Effect": "Allow", "Action": ["rds-db:connect"], "Resource": f"{users}/{user}"}


def assert_uses_queue(world: World, policy: Recorded, role: str, queue: str) -> None:
    """Assert that a role may use a queue, its dead-letter queue and their key."""
    assert world.owner(policy.inputs["role"]).name == role
    statements = _statements(policy.inputs["policy"])
    assert [(set(each), each["Effect"]) for each in statements] == [({"Effect", "Action", "Resource"}, "Allow")] * len(
        statements
    )
    granted = {
        (action, world.owner(resource).name)
        for statement in statements
        for action in statement["Action"]
        for resource in _listed(statement["Resource"])
    }
    assert granted == {
        *(
            (f"sqs:{action}", one)
            for action in (
                "ChangeMessageVisibility",
                "DeleteMessage",
                "GetQueueAttributes",
                "ReceiveMessage",
                "SendMessage",
            )
            for one in (f"{queue}-queue", f"{queue}-dead-letters")
        ),
        ("kms:Decrypt", f"{queue}-key"),
        ("kms:GenerateDataKey", f"{queue}-key"),
    }


def assert_pod_logs(world: World, policy: Recorded) -> None:
    """Assert that the log agent may write only to the log groups of pods, which the program creates."""
    groups = [each.inputs["name"] for each in world.all("aws:cloudwatch/logGroup:LogGroup") if "pod-logs" in each.name]

    assert world.owner(policy.inputs["role"]).name == "pod-logs-writer"
    (statement,) = _statements(policy.inputs["policy"])
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert sorted(statement["Resource"]) == sorted(
        f"arn:aws:logs:{world.settings.region}:{ACCOUNT_ID}:log-group:{group}:*" for group in groups
    )
    assert len(groups) == 3


def assert_migration(world: World, policy: Recorded) -> None:
    """Assert that only the migration may read the secret of the master user, and decrypt it with its key."""
    secret = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT_ID}:secret:rds!db-database-instance"
    read, decrypt = _statements(policy.inputs["policy"])
    assert world.owner(policy.inputs["role"]).name == "migration-reader"
    assert read["Action"] == ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    assert read["Resource"] == secret
    assert (decrypt["Action"], world.owner(decrypt["Resource"]).name) == (["kms:Decrypt"], "database-master")
    assert decrypt["Condition"]["StringEquals"]["kms:EncryptionContext:SecretARN"] == secret
    everybody_else = [p for p in world.all("aws:iam/rolePolicy:RolePolicy") if p.name != "migration-reader"]
    assert not any("rds!db-" in p.inputs["policy"] for p in everybody_else)


def assert_mounted(world: World, service: Service, document: dict[str, Any]) -> None:
    """Assert that pods may read their mounted secrets, and decrypt them: with the component's key, or for secrets of
    others with any key, but only these secrets."""
    objects = json.loads(service.only(world, PROVIDER_CLASS, "secrets").inputs["spec"]["parameters"]["objects"])
    theirs = {each["objectName"] for each in objects if each["objectAlias"] in service.existing}
    read, *decrypt = document["Statement"]
    made = [each for each in objects if each["objectAlias"] not in service.existing]
    assert read["Action"] == ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    assert set(read["Resource"]) == {each["objectName"] for each in objects}
    if made:
        assert decrypt.pop(0) == {
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": f"arn:aws:kms:eu-central-1:{ACCOUNT_ID}:key/{service.mounted}-key",
        }
    region = world.settings.region
    assert decrypt == (
        [
            {
                "Effect": "Allow",
                "Action": ["kms:Decrypt"],
                "Resource": f"arn:aws:kms:{region}:{ACCOUNT_ID}:key/*",
                "Condition": {
                    "StringEquals": {
                        "kms:ViaService": f"secretsmanager.{region}.amazonaws.com",
                        "kms:EncryptionContext:SecretARN": sorted(theirs),
                    }
                },
            }
        ]
        if theirs
        else []
    )


@every_world
def test_only_flow_logs_of_this_account_may_be_written_to_their_bucket(world: World) -> None:
    """The delivery service may write below this account's prefix, and read the ACL of the bucket."""
    _deny, *allow = _statements(world.only("aws:s3/bucketPolicy:BucketPolicy", "network-flow-logs").inputs["policy"])

    arn = "arn:aws:s3:::network-flow-logs"
    delivery = {
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}},
    }
    assert [{k: v for k, v in statement.items() if k != "Sid"} for statement in allow] == [
        {**delivery, "Action": "s3:PutObject", "Resource": f"{arn}/AWSLogs/{ACCOUNT_ID}/*"},
        {**delivery, "Action": "s3:GetBucketAcl", "Resource": arn},
    ]


@every_world
def test_only_access_logs_of_this_account_may_be_written_to_their_bucket(world: World) -> None:
    """Load balancers and distributions may write below this account's prefix; nothing else is allowed."""
    of_distributions = {
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::edge-access-logs/AWSLogs/{ACCOUNT_ID}/CloudFront/*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ACCOUNT_ID, "s3:x-amz-acl": "bucket-owner-full-control"},
            "ArnLike": {"aws:SourceArn": f"arn:aws:logs:us-east-1:{ACCOUNT_ID}:delivery-source:*"},
        },
    }
    _deny, *allow = _statements(world.only("aws:s3/bucketPolicy:BucketPolicy", "edge-access-logs").inputs["policy"])

    assert [{k: v for k, v in statement.items() if k != "Sid"} for statement in allow] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::edge-access-logs/AWSLogs/{ACCOUNT_ID}/*",
        },
        *([of_distributions] if world.settings.edge.cloudfront else []),
    ]


@every_world
def test_admins_are_those_of_the_settings(world: World) -> None:
    """Each role has one access entry and one policy; the creator of the cluster gets no access."""
    cluster = world.only("aws:eks/cluster:Cluster").inputs
    paths = [role.rpartition(":role/")[2] for role in _admins(world)]
    expected = {f"cluster-admin-{path}": f"arn:aws:iam::{ACCOUNT_ID}:role/{path}" for path in paths}

    entries, policies = world.all("aws:eks/accessEntry:AccessEntry"), "aws:eks/accessPolicyAssociation"
    assert {e.name: e.inputs["principalArn"] for e in entries} == expected
    assert {frozenset(e.inputs) for e in entries} == {frozenset({"clusterName", "principalArn"})}
    associations = world.all(f"{policies}:AccessPolicyAssociation")
    assert {a.name: a.inputs["principalArn"] for a in associations} == expected
    assert {a.inputs["policyArn"] for a in associations} == {ADMIN}
    assert {a.inputs["accessScope"]["type"] for a in associations} == {"cluster"}
    assert {r.inputs["clusterName"] for r in (*entries, *associations)} == {f"drydock-{world.name}"}
    assert cluster["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }


def _admins(world: World) -> tuple[str, ...]:
    return world.settings.cluster.admins(world.name)


@every_world
def test_pod_identity_associations_name_the_service_accounts_of_the_pods(world: World) -> None:
    """With another name pods would have no role, which only AWS shows. Servers never have the role of a migration, nor
    that of another service.
    """
    associations = world.all("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    accounts = {
        (each.inputs["metadata"]["namespace"], each.inputs["metadata"]["name"])
        for each in world.all("kubernetes:core/v1:ServiceAccount")
    }
    cluster = world.only("aws:eks/cluster:Cluster").inputs["name"]

    assert {each.inputs["clusterName"] for each in associations} == {cluster}
    roles = {
        (each.inputs["namespace"], each.inputs["serviceAccount"]): world.owner(each.inputs["roleArn"]).name
        for each in associations
    }
    # The add-on for pod logs has its own namespace and ServiceAccount.
    assert roles.pop(("amazon-cloudwatch", "cloudwatch-agent")) == "pod-logs-writer"
    of_named = {
        (service.namespace, account): role
        for service in named(world)
        for account, role in ((service.app, service.role), (f"{service.app}-migration", service.migration_role))
        if role
    }
    assert roles == {
        ("drydock", "api"): "app-secrets-reader",
        ("drydock", "api-migration"): "migration-reader",
        **of_named,
    }
    assert accounts == set(roles)
    for service in services_of(world):
        taken = {part: template["spec"]["serviceAccountName"] for part, template in service.templates(world).items()}
        expected = {"deployment": service.app}
        if service.workers:
            expected["worker"] = service.app
        if service.migration_role:
            expected["migration"] = f"{service.app}-migration"
        if service.bundled:  # it creates the schemas of the others
            expected |= {f"schema-{each.app}": "api-migration" for each in named(world) if each.user}
        assert taken == expected
