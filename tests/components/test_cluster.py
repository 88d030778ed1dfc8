"""The component Cluster: its resources for given arguments."""

import json

import pulumi_kubernetes as kubernetes
import pytest

from components._kubeconfig import kubeconfig
from components.cluster import Cluster
from tests.support.builders import cluster_args
from tests.support.fake_outputs import ACCOUNT_ID, CLUSTER_SECURITY_GROUP_ID, REGION
from tests.support.recorder import Recording, record

EKS = "aws:eks/cluster:Cluster"


def _cluster(**changes: object) -> Recording:
    return record(lambda: Cluster("cluster", cluster_args(**changes)).security_group_id)


def test_is_in_auto_mode_with_its_three_parts() -> None:
    """Compute, load balancing and storage come together: EKS refuses one without the others."""
    inputs = _cluster().only(EKS).inputs

    assert inputs["computeConfig"]["enabled"] is True
    assert inputs["computeConfig"]["nodePools"] == ["system"]
    assert inputs["kubernetesNetworkConfig"]["elasticLoadBalancing"] == {"enabled": True}
    assert inputs["storageConfig"] == {"blockStorage": {"enabled": True}}
    assert inputs["bootstrapSelfManagedAddons"] is False


def test_is_private_by_default() -> None:
    """Without addresses to allow there is no public endpoint."""
    vpc = _cluster().only(EKS).inputs["vpcConfig"]

    assert (vpc["endpointPrivateAccess"], vpc["endpointPublicAccess"]) == (True, False)


def test_reaches_the_api_server_from_named_networks_and_groups_only() -> None:
    """The rules are in a group of the API server's interfaces only; the cluster's group also contains all pods."""
    recording = _cluster(
        private_access_cidrs=("10.9.0.0/24",), private_access_security_groups=("sg-0123456789abcdef0",)
    )

    group = recording.only("aws:ec2/securityGroup:SecurityGroup")
    (id_,) = recording.only(EKS).inputs["vpcConfig"]["securityGroupIds"]
    assert recording.owner(id_) is group
    rules = recording.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert {recording.owner(rule.inputs["securityGroupId"]).name for rule in rules} == {group.name}
    ports = {(rule.inputs["ipProtocol"], rule.inputs["fromPort"], rule.inputs["toPort"]) for rule in rules}
    assert ports == {("tcp", 443, 443)}
    sources = [(rule.inputs.get("cidrIpv4"), rule.inputs.get("referencedSecurityGroupId")) for rule in rules]
    assert sorted(sources, key=str) == [("10.9.0.0/24", None), (None, "sg-0123456789abcdef0")]


def test_only_named_networks_reach_the_api_server() -> None:
    """The group always exists, so that adding a rule does not change the cluster; without rules it allows nothing."""
    recording = _cluster()

    assert len(recording.all("aws:ec2/securityGroup:SecurityGroup")) == 1
    assert recording.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") == []


@pytest.mark.parametrize(
    ("role", "arn"),
    [
        ("admin", "role/admin"),
        ("ops/break-glass", "role/ops/break-glass"),
        ("arn:aws:iam::123456789012:role/ops/break-glass", "role/ops/break-glass"),
        (
            "aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Admin_0123456789abcdef",
            "role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Admin_0123456789abcdef",
        ),
    ],
)
def test_an_administrator_keeps_the_path(role: str, arn: str) -> None:
    """EKS compares whole ARNs, and however a role is written, it is the same resource."""
    recording = _cluster(admin_roles=(role, "deploy"))

    entries = {entry.name: entry.inputs for entry in recording.all("aws:eks/accessEntry:AccessEntry")}
    assert entries["cluster-admin-" + arn.partition("/")[2]]["principalArn"] == f"arn:aws:iam::{ACCOUNT_ID}:{arn}"


def test_public_endpoint_is_for_the_given_addresses() -> None:
    """The public endpoint allows only these addresses."""
    vpc = _cluster(public_access_cidrs=("203.0.113.0/24",)).only(EKS).inputs["vpcConfig"]

    assert (vpc["endpointPublicAccess"], vpc["publicAccessCidrs"]) == (True, ["203.0.113.0/24"])


def test_access_is_explicit() -> None:
    """The creator of the cluster gets no access; only the named roles administer it."""
    recording = _cluster()

    assert recording.only(EKS).inputs["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    principals = [entry.inputs["principalArn"] for entry in recording.all("aws:eks/accessEntry:AccessEntry")]
    assert principals == [f"arn:aws:iam::{ACCOUNT_ID}:role/{role}" for role in ("admin", "deploy")]
    associations = recording.all("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    assert [association.inputs["principalArn"] for association in associations] == principals


def test_each_role_trusts_one_service() -> None:
    """One is for EKS and this cluster, the nodes' one for EC2, each with the session tags of Auto Mode.

    https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html
    """
    recording = _cluster()

    trusts = {
        role.name: json.loads(role.inputs["assumeRolePolicy"])["Statement"]
        for role in recording.all("aws:iam/role:Role")
    }
    allow = {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"]}
    assert trusts == {
        "cluster-control-plane": [
            {
                **allow,
                "Principal": {"Service": "eks.amazonaws.com"},
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": ACCOUNT_ID},
                    "ArnEquals": {"aws:SourceArn": f"arn:aws:eks:{REGION}:{ACCOUNT_ID}:cluster/drydock-test"},
                },
            }
        ],
        "cluster-node": [{**allow, "Principal": {"Service": "ec2.amazonaws.com"}}],
    }
    cluster = recording.only(EKS).inputs
    assert recording.owner(cluster["roleArn"]).name == "cluster-control-plane"
    assert recording.owner(cluster["computeConfig"]["nodeRoleArn"]).name == "cluster-node"


def test_encrypts_secrets_and_keeps_all_logs() -> None:
    """Kubernetes secrets are encrypted with a key of the cluster's own, and every log type is kept for a time."""
    recording = _cluster(log_retention_days=90)

    cluster = recording.only(EKS)
    key = recording.only("aws:kms/key:Key", "cluster-secrets")
    assert cluster.inputs["encryptionConfig"]["resources"] == ["secrets"]
    assert cluster.inputs["encryptionConfig"]["provider"]["keyArn"].endswith(key.name)
    assert key.inputs["enableKeyRotation"] is True
    assert len(cluster.inputs["enabledClusterLogTypes"]) == 5
    group = recording.only("aws:cloudwatch/logGroup:LogGroup")
    assert group.inputs == {"name": "/aws/eks/drydock-test/cluster", "retentionInDays": 90}


def test_is_made_after_its_log_group_and_permissions() -> None:
    """Otherwise EKS creates the log group itself, and could not delete its resources after the roles are deleted."""
    recording = _cluster()

    before = recording.waits_for(recording.only(EKS))
    assert recording.only("aws:cloudwatch/logGroup:LogGroup").urn in before
    attachments = recording.all("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert len(attachments) == 7
    assert {attachment.urn for attachment in attachments} <= before


def test_its_role_may_tag_nodes_and_encrypt_their_volumes() -> None:
    """The policy adds what AWS's managed policies lack, for this cluster and one key only."""
    recording = _cluster()

    policy = recording.only("aws:iam/rolePolicy:RolePolicy")
    assert recording.owner(policy.inputs["role"]).name == "cluster-control-plane"
    statements = json.loads(policy.inputs["policy"])["Statement"]
    key = recording.only("aws:kms/key:Key", "cluster-nodes")
    for statement in statements:
        conditions = json.dumps(statement.get("Condition", {}))
        if any(action.startswith("ec2:") for action in statement["Action"]):
            assert '"${aws:PrincipalTag/eks:eks-cluster-name}"' in conditions
        else:
            assert recording.owner(statement["Resource"]) is key
    granting = [s for s in statements if "kms:CreateGrant" in s["Action"]]
    assert [s["Condition"] for s in granting] == [{"Bool": {"kms:GrantIsForAWSResource": "true"}}]


def test_kubeconfig_waits_for_access() -> None:
    """Resources that use the kubeconfig are created after its user has access, and deleted before the access."""

    def program() -> None:
        kubernetes.Provider("user", kubeconfig=Cluster("cluster", cluster_args()).kubeconfig)

    recording = record(program)

    before = recording.waits_for(recording.only("pulumi:providers:kubernetes"))
    access = recording.all("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    assert {association.urn for association in access} <= before


def test_kubeconfig_signs_in_as_the_role_that_deploys() -> None:
    """The cluster would refuse the identity that runs the deployment."""
    role = "arn:aws:iam::123456789012:role/drydock-deploy"
    made = record(lambda: Cluster("cluster", cluster_args(deploy_role_arn=role)).kubeconfig).result
    user = json.loads(made)["users"][0]["user"]["exec"]

    assert user["args"][-2:] == ["--role-arn", role]


def test_kubeconfig_holds_no_credential() -> None:
    """Its user asks the AWS CLI at each use."""
    config = json.loads(kubeconfig("eu-central-1", "drydock-test", "https://api", "Q0E="))

    (user,) = config["users"]
    assert set(user["user"]) == {"exec"}
    assert user["user"]["exec"]["args"] == [
        "eks",
        "get-token",
        "--cluster-name",
        "drydock-test",
        "--region",
        "eu-central-1",
    ]
    assert config["clusters"][0]["cluster"] == {"server": "https://api", "certificate-authority-data": "Q0E="}


def test_protects_cluster_key_and_logs() -> None:
    """By default both Pulumi and EKS protect it; both can be disabled."""
    kept, loose = _cluster(), _cluster(protect=False, deletion_protection=False)
    holds_data = (EKS, "aws:kms/key:Key", "aws:cloudwatch/logGroup:LogGroup")

    assert [each.protect for t in holds_data for each in kept.all(t)] == [True, True, True, True]
    assert kept.only(EKS).inputs["deletionProtection"] is True
    assert [each.protect for t in holds_data for each in loose.all(t)] == [False, False, False, False]
    assert loose.only(EKS).inputs["deletionProtection"] is False


def test_gives_the_security_group_of_its_nodes() -> None:
    """It is the one that EKS made."""
    assert _cluster().result == CLUSTER_SECURITY_GROUP_ID
