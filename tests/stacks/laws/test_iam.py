"""Who may take which role, and what it then may do: spelled out, so that anything wider shows."""

import json
from typing import Any

from tests.support.fake_outputs import ACCOUNT_ID
from tests.support.worlds import World, every_world, world_of

ROLE = "aws:iam/role:Role"
PROVIDER_CLASS = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
# sts:TagSession: Pod Identity and Auto Mode tag their sessions, and AWS refuses them a role that does not allow it.
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
    """EKS, its nodes, or its pods; no role has policies beside those below."""
    trusts = {role.name: _statements(role.inputs["assumeRolePolicy"]) for role in world.all(ROLE)}
    assert {name: [(each["Principal"], each["Action"]) for each in trust] for name, trust in trusts.items()} == {
        "cluster-control-plane": [({"Service": "eks.amazonaws.com"}, TAKE)],
        "cluster-node": [({"Service": "ec2.amazonaws.com"}, TAKE)],
        "app-secrets-reader": [({"Service": "pods.eks.amazonaws.com"}, TAKE)],
    }
    assert all(set(role.inputs) - {"permissionsBoundary"} == {"assumeRolePolicy"} for role in world.all(ROLE))


@every_world
def test_each_role_has_the_boundary_of_the_settings(world: World) -> None:
    """Whichever component makes it, in the account of the deployment; no role has one where the settings have none."""
    policy = world.settings.permissions_boundary
    expected = {f"arn:aws:iam::{ACCOUNT_ID}:policy/{policy}"} if policy else {None}

    assert len(world.all(ROLE)) >= 3
    assert {role.inputs.get("permissionsBoundary") for role in world.all(ROLE)} == expected


def test_each_stack_of_aws_names_the_boundary_that_bootstrap_makes() -> None:
    """And the local one none: nobody bootstraps a local account."""
    assert {name: world_of(name).settings.permissions_boundary for name in ("local", "dev", "staging", "prod")} == {
        "local": None,
        "dev": "drydock-dev-boundary",
        "staging": "drydock-staging-boundary",
        "prod": "drydock-prod-boundary",
    }


@every_world
def test_each_role_has_the_managed_policies_it_needs(world: World) -> None:
    """Those that EKS documents for Auto Mode: nodes pull images and join; the control plane does the rest."""
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
def test_pods_may_read_their_secret_and_use_their_queues(world: World) -> None:
    """Each action on the one resource it is for, without a wildcard, and the keys of those."""
    policies = {p.name: p for p in world.all("aws:iam/rolePolicy:RolePolicy")}

    nodes = policies.pop("cluster-control-plane-nodes")
    assert world.owner(nodes.inputs["role"]).name == "cluster-control-plane"
    mounted = json.loads(policies.pop("mounted-secrets-reader").inputs["policy"])
    assert set(policies) == {"app-secrets-reader", "jobs-worker"}
    assert {world.owner(p.inputs["role"]).name for p in policies.values()} == {"app-secrets-reader"}
    assert_mounted(world, mounted)
    granted = {
        (name, action, world.owner(resource).name)
        for name, policy in policies.items()
        for statement in _statements(policy.inputs["policy"])
        for action in statement["Action"]
        for resource in _listed(statement["Resource"])
    }
    assert granted == {
        *(
            ("app-secrets-reader", f"secretsmanager:{action}", "app-secrets-secret")
            for action in ("GetSecretValue", "DescribeSecret")
        ),
        ("app-secrets-reader", "kms:Decrypt", "app-secrets-key"),
        *(
            ("jobs-worker", f"sqs:{action}", queue)
            for action in (
                "ChangeMessageVisibility",
                "DeleteMessage",
                "GetQueueAttributes",
                "ReceiveMessage",
                "SendMessage",
            )
            for queue in ("jobs-queue", "jobs-dead-letters")
        ),
        ("jobs-worker", "kms:Decrypt", "jobs-key"),
        ("jobs-worker", "kms:GenerateDataKey", "jobs-key"),
    }
    for policy in policies.values():
        for statement in _statements(policy.inputs["policy"]):
            assert set(statement) == {"Effect", "Action", "Resource"}
            assert statement["Effect"] == "Allow"


def assert_mounted(world: World, document: dict[str, Any]) -> None:
    """The pods may read what they mount, and decrypt it: with the key of the component, or with whatever key others
    have for exactly these secrets."""
    objects = json.loads(world.only(PROVIDER_CLASS).inputs["spec"]["parameters"]["objects"])
    theirs = {each["objectName"] for each in objects if each["objectAlias"] in world.settings.service.secrets}
    read, *decrypt = document["Statement"]
    assert read["Action"] == ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    assert set(read["Resource"]) == {each["objectName"] for each in objects}
    assert decrypt[0] == {
        "Effect": "Allow",
        "Action": ["kms:Decrypt"],
        "Resource": f"arn:aws:kms:eu-central-1:{ACCOUNT_ID}:key/mounted-secrets-key",
    }
    region = world.settings.region
    assert decrypt[1:] == (
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
def test_flow_logs_of_this_account_are_all_that_comes_into_the_bucket(world: World) -> None:
    """The delivery service writes below this account's prefix and reads who owns the bucket."""
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
def test_access_logs_of_this_account_are_all_that_comes_into_their_bucket(world: World) -> None:
    """The delivery service of load balancers writes below this account's prefix, and does nothing else."""
    _deny, *allow = _statements(world.only("aws:s3/bucketPolicy:BucketPolicy", "edge-access-logs").inputs["policy"])

    assert [{k: v for k, v in statement.items() if k != "Sid"} for statement in allow] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::edge-access-logs/AWSLogs/{ACCOUNT_ID}/*",
        }
    ]


@every_world
def test_admins_are_those_of_the_settings(world: World) -> None:
    """Each role has one entry and one policy, named after it; whoever makes the cluster gets nothing by that."""
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
def test_pod_identity_is_for_the_account_of_the_pods(world: World) -> None:
    """Another name would give the pods no role at all, and only on AWS."""
    (association,) = world.all("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    account = world.only("kubernetes:core/v1:ServiceAccount").inputs["metadata"]

    assert association.inputs["clusterName"] == world.only("aws:eks/cluster:Cluster").inputs["name"]
    assert association.inputs["namespace"] == account["namespace"]
    assert association.inputs["serviceAccount"] == account["name"]
    assert world.owner(association.inputs["roleArn"]).name == "app-secrets-reader"
    for pods in (*world.all("kubernetes:apps/v1:Deployment"), *world.all("kubernetes:batch/v1:Job")):
        assert pods.inputs["metadata"]["namespace"] == association.inputs["namespace"]
        assert pods.inputs["spec"]["template"]["spec"]["serviceAccountName"] == association.inputs["serviceAccount"]
