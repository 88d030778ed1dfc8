"""Rules of EKS: cases that the corpus does not cover, limits, and unknown values."""

import json
from ipaddress import IPv4Network
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

PARAMETER = "InvalidParameterException"
ROLE = "arn:aws:iam::123456789012:role/cluster"
ON = {"enabled": True}
AUTO: dict[str, Any] = {
    "bootstrapSelfManagedAddons": False,
    "computeConfig": {"enabled": True, "nodePools": ["system"], "nodeRoleArn": ROLE},
    "storageConfig": {"blockStorage": ON},
    "kubernetesNetworkConfig": {"elasticLoadBalancing": ON},
    "accessConfig": {"authenticationMode": "API"},
}
CLUSTERS: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"version": "1.30"}, ""),
    ({"version": "1.29"}, PARAMETER),
    ({"version": "1.36"}, ""),
    ({"version": "1.99"}, PARAMETER),
    ({"version": "v1.35"}, PARAMETER),
    ({"version": UNKNOWN}, ""),
    ({"resourcesVpcConfig": {"endpointPublicAccess": False}}, PARAMETER),
    ({"resourcesVpcConfig": {"endpointPublicAccess": False, "endpointPrivateAccess": UNKNOWN}}, ""),
    ({"resourcesVpcConfig": {"endpointPrivateAccess": False}}, ""),
    (AUTO, ""),
    ({**AUTO, "storageConfig": {"blockStorage": {"enabled": False}}}, PARAMETER),
    ({**AUTO, "storageConfig": UNKNOWN}, ""),
    ({**AUTO, "computeConfig": {**AUTO["computeConfig"], "nodePools": ["system", "gpu"]}}, PARAMETER),
    ({**AUTO, "computeConfig": {**AUTO["computeConfig"], "nodePools": [UNKNOWN]}}, ""),
    ({**AUTO, "computeConfig": {"enabled": True, "nodePools": ["system"]}}, PARAMETER),
    ({**AUTO, "computeConfig": {**AUTO["computeConfig"], "nodeRoleArn": UNKNOWN}}, ""),
    ({**AUTO, "bootstrapSelfManagedAddons": None}, PARAMETER),
    ({**AUTO, "bootstrapSelfManagedAddons": True}, PARAMETER),
    ({**AUTO, "bootstrapSelfManagedAddons": UNKNOWN}, ""),
    ({**AUTO, "computeConfig": {"enabled": True, "nodeRoleArn": ROLE}}, PARAMETER),
    ({**AUTO, "computeConfig": {"enabled": True, "nodeRoleArn": ROLE, "nodePools": UNKNOWN}}, ""),
    ({**AUTO, "computeConfig": ON}, ""),
    ({"kubernetesNetworkConfig": {"ipFamily": "ipv6", "serviceIpv4Cidr": "10.100.0.0/16"}}, PARAMETER),
    ({"kubernetesNetworkConfig": {"ipFamily": "ipv6"}}, ""),
    ({"resourcesVpcConfig": {"publicAccessCidrs": ["52.1.1.1/32", "0.0.0.0/0", "2a05:d014::/36"]}}, ""),
    ({"resourcesVpcConfig": {"publicAccessCidrs": ["52.1.1.1/32", "300.0.0.0/8"]}}, PARAMETER),
    ({"resourcesVpcConfig": {"publicAccessCidrs": ["52.1.1.1"]}}, PARAMETER),
    ({"resourcesVpcConfig": {"publicAccessCidrs": ["192.168.7.0/24"]}}, PARAMETER),
    ({"resourcesVpcConfig": {"publicAccessCidrs": ["203.0.113.7/32"]}}, PARAMETER),
    ({"resourcesVpcConfig": {"publicAccessCidrs": [UNKNOWN]}}, ""),
    ({**AUTO, "accessConfig": {}}, PARAMETER),
    ({**AUTO, "accessConfig": {"authenticationMode": UNKNOWN}}, ""),
    ({"encryptionConfig": [{"resources": ["secrets"]}]}, ""),
    ({"encryptionConfig": UNKNOWN}, ""),
]


@pytest.mark.parametrize(("parameters", "code"), CLUSTERS, ids=lambda value: str(value)[:60])
def test_validates_the_parameters_of_a_cluster(parameters: dict[str, Any], code: str) -> None:
    """Values are at the limit, and one beyond it."""
    assert verdict("eks", "CreateCluster", parameters) == code


BLOCKS = [IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
networks = st.builds(
    lambda address, prefix: IPv4Network((address, prefix), strict=False),
    st.one_of(st.integers(0, 2**32 - 1), *(st.integers(int(block[0]), int(block[-1])) for block in BLOCKS)),
    st.integers(8, 28),
)


@settings(deadline=None, max_examples=100)
@given(networks)
def test_validates_the_network_of_services(network: IPv4Network) -> None:
    """It is inside a private block and has a prefix of /12 to /24."""
    private = any(block[0] <= network[0] and network[-1] <= block[-1] for block in BLOCKS)
    request = {"kubernetesNetworkConfig": {"serviceIpv4Cidr": str(network)}}

    assert verdict("eks", "CreateCluster", request) == ("" if private and 12 <= network.prefixlen <= 24 else PARAMETER)


def account(cluster: dict[str, Any], services: Any = "eks.amazonaws.com", **answers: Any) -> Any:
    """Return an account with a cluster, a role that services may assume, and further answers."""
    statement = {"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}
    answers = {
        "DescribeCluster": {"cluster": cluster},
        "GetRole": {"Role": {"Arn": ROLE, "AssumeRolePolicyDocument": {"Statement": statement}}},
        **answers,
    }

    def ask(service: str, operation: str, **parameters: Any) -> Any:
        if operation not in answers:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, operation)
        return answers[operation]

    return ask


MODES = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"]


@pytest.mark.parametrize("now", MODES)
@pytest.mark.parametrize("wanted", MODES)
def test_the_authentication_mode_changes_one_step_at_a_time(now: str, wanted: str) -> None:
    """The direction is from the config map to access entries."""
    allowed = {*zip(MODES, MODES, strict=True), ("CONFIG_MAP", "API_AND_CONFIG_MAP"), ("API_AND_CONFIG_MAP", "API")}
    ask = account({"accessConfig": {"authenticationMode": now}})
    code = verdict("eks", "UpdateClusterConfig", {"name": "c", "accessConfig": {"authenticationMode": wanted}}, ask)

    assert code == ("" if (now, wanted) in allowed else PARAMETER)


@pytest.mark.parametrize(("wanted", "code"), [("1.33", PARAMETER), ("1.34", ""), ("1.35", ""), ("1.36", PARAMETER)])
def test_kubernetes_is_upgraded_one_minor_at_a_time(wanted: str, code: str) -> None:
    """The cluster has version 1.34."""
    assert (
        verdict("eks", "UpdateClusterVersion", {"name": "c", "version": wanted}, account({"version": "1.34"})) == code
    )


SUBNETS = [{"SubnetId": f"subnet-{zone}", "AvailabilityZone": zone, "VpcId": "vpc"} for zone in "ab"]
VPC = {"CidrBlockAssociationSet": [{"CidrBlock": "10.0.0.0/16"}, {"CidrBlock": "10.100.0.0/16"}]}


@pytest.mark.parametrize(
    ("subnets", "services", "cidr", "code"),
    [
        (["subnet-a", "subnet-b"], "eks.amazonaws.com", "10.101.0.0/16", ""),
        (["subnet-a", "subnet-b"], ["ec2.amazonaws.com", "eks.amazonaws.com"], "10.101.0.0/16", ""),
        (["subnet-a", "subnet-b"], "ec2.amazonaws.com", "10.101.0.0/16", PARAMETER),
        (["subnet-a", "subnet-b"], "eks.amazonaws.com", "10.100.128.0/20", PARAMETER),
        (["subnet-a"], "eks.amazonaws.com", "10.101.0.0/16", PARAMETER),
        (["subnet-a", "subnet-c"], "eks.amazonaws.com", "10.101.0.0/16", PARAMETER),
    ],
)
def test_validates_subnets_role_and_networks_of_a_cluster(
    subnets: list[str], services: Any, cidr: str, code: str
) -> None:
    """They are compared with the account, including every CIDR block of the VPC."""
    ask = account({}, services, DescribeSubnets={"Subnets": SUBNETS}, DescribeVpcs={"Vpcs": [VPC]})
    request = {
        "roleArn": ROLE,
        "resourcesVpcConfig": {"subnetIds": subnets},
        "kubernetesNetworkConfig": {"serviceIpv4Cidr": cidr},
    }

    assert verdict("eks", "CreateCluster", request, ask) == code


@pytest.mark.parametrize(
    ("operation", "services", "code"),
    [
        ("UpdateClusterConfig", "ec2.amazonaws.com", ""),
        ("UpdateClusterConfig", ["lambda.amazonaws.com", "ec2.amazonaws.com"], ""),
        ("UpdateClusterConfig", "eks.amazonaws.com", PARAMETER),
        ("CreateCluster", ["eks.amazonaws.com", "ec2.amazonaws.com"], ""),
        ("CreateCluster", "eks.amazonaws.com", PARAMETER),
    ],
)
def test_the_node_role_needs_the_trust_of_ec2(operation: str, services: Any, code: str) -> None:
    """AWS would create the cluster, but no node would start."""
    request = {"name": "c", "roleArn": ROLE, "resourcesVpcConfig": {}, **AUTO}

    assert verdict("eks", operation, request, account({}, services)) == code


ENTRIES: list[tuple[dict[str, Any], str]] = [
    ({"kubernetesGroups": ["viewers"]}, ""),
    ({"kubernetesGroups": ["viewers", "eks:admins"]}, PARAMETER),
    ({"kubernetesGroups": [UNKNOWN]}, ""),
    ({"username": "person"}, ""),
    ({"username": "system:person"}, PARAMETER),
    ({"username": "sts:person"}, ""),
    ({"type": "EC2"}, ""),
    ({"type": "EC2_WINDOWS", "kubernetesGroups": []}, ""),
    ({"type": "EC2_WINDOWS", "kubernetesGroups": ["nodes"]}, PARAMETER),
    ({"principalArn": UNKNOWN}, ""),
    ({"principalArn": "arn:aws:iam::1:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"}, ""),
    ({"principalArn": "arn:aws:iam::1:role/AWSReservedSSO_Admin_1"}, PARAMETER),
    ({"principalArn": "arn:aws:iam::1:user/person"}, ""),
    ({"principalArn": "arn:aws:iam::1:root"}, ""),
    ({"principalArn": "arn:aws:sts::1:assumed-role/admin/session"}, PARAMETER),
    ({"principalArn": "admin"}, PARAMETER),
    ({"principalArn": "arn:aws:iam::1:role/aws-service-role/emr.amazonaws.com/AWSServiceRoleForEMR"}, PARAMETER),
]


@pytest.mark.parametrize(("parameters", "code"), ENTRIES, ids=str)
def test_validates_an_access_entry(parameters: dict[str, Any], code: str) -> None:
    """Checked are type, groups, name and principal."""
    assert verdict("eks", "CreateAccessEntry", parameters) == code


PRINCIPALS = [
    ("role/deploy", True),
    ("role/ops/admin", True),
    ("role/admin", False),  # without its path
    ("role/other/admin", False),
    ("role/none", False),
    ("role/ann", False),  # a user
    ("user/people/ann", True),
    ("user/ann", False),
    ("user/deploy", False),  # a role
    ("root", True),
]


@pytest.mark.parametrize("account_id", ["123456789012", "999999999999"])
@pytest.mark.parametrize(("name", "exists"), PRINCIPALS)
def test_an_access_entry_needs_an_existing_principal(name: str, exists: bool, account_id: str) -> None:
    """The ARN is compared with its path; principals of other accounts are not checked."""
    there = {"deploy": "role/deploy", "admin": "role/ops/admin", "ann": "user/people/ann"}

    def ask(service: str, operation: str, **parameters: Any) -> Any:
        if operation == "DescribeCluster":
            return {"cluster": {"accessConfig": {"authenticationMode": "API"}}}
        if operation == "GetCallerIdentity":
            return {"Account": "123456789012"}
        word = operation.removeprefix("Get")
        found = there.get(parameters.get(f"{word}Name", ""), "")
        if not found.startswith(f"{word.lower()}/"):
            raise ClientError({"Error": {"Code": "NoSuchEntity"}}, operation)
        return {word: {"Arn": f"arn:aws:iam::123456789012:{found}"}}

    request = {"clusterName": "c", "principalArn": f"arn:aws:iam::{account_id}:{name}"}
    refused = not exists and account_id == "123456789012"

    assert verdict("eks", "CreateAccessEntry", request, ask) == (PARAMETER if refused else "")


def test_an_access_entry_needs_a_cluster_with_access_entries() -> None:
    """A cluster that uses only its config map refuses it."""
    request = {"clusterName": "c", "principalArn": "arn:aws:iam::123456789012:root"}

    assert verdict("eks", "CreateAccessEntry", request, account({"name": "c"})) == "InvalidRequestException"


ADDONS: list[tuple[dict[str, Any], str]] = [
    ({"addonName": "vpc-cni", "addonVersion": "v1.20.4-eksbuild.2"}, ""),
    ({"addonName": "vpc-cni", "addonVersion": "1.20.4"}, PARAMETER),
    ({"addonName": "kubecost_kubecost", "addonVersion": "2.8.0"}, ""),  # from the Marketplace
    ({"addonName": "metrics-server", "addonVersion": "v0.7.1-eksbuild.1"}, PARAMETER),
    ({"addonName": "vpc_cni"}, ""),
    ({"addonName": "core-dns"}, PARAMETER),
    ({"addonName": UNKNOWN, "addonVersion": "1"}, ""),
    ({"addonName": "coredns", "configurationValues": json.dumps({"replicaCount": 2})}, ""),
    ({"addonName": "coredns", "configurationValues": "replicaCount: 2"}, ""),
    ({"addonName": "coredns", "configurationValues": "two replicas"}, PARAMETER),
    ({"addonName": "coredns", "configurationValues": f'{{"replicas": {UNKNOWN}'}, ""),
    ({"addonName": "metrics-server", "configurationValues": "podLabels: {any: label}"}, ""),
    ({"addonName": "metrics-server", "configurationValues": "metrics: {enable: true}"}, PARAMETER),
    ({"addonName": UNKNOWN, "configurationValues": "any: thing"}, ""),
]


@pytest.mark.parametrize(("parameters", "code"), ADDONS, ids=str)
def test_validates_an_add_on(parameters: dict[str, Any], code: str) -> None:
    """Checked are name, version and settings."""
    assert verdict("eks", "CreateAddon", parameters) == code


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ({"type": "cluster"}, ""),
        ({"type": "cluster", "namespaces": ["app"]}, PARAMETER),
        ({"type": "namespace", "namespaces": []}, PARAMETER),
        ({"type": "namespace", "namespaces": UNKNOWN}, ""),
        (UNKNOWN, ""),
    ],
)
def test_validates_the_scope_of_an_access_policy(scope: Any, code: str) -> None:
    """Only the type `namespace` has namespaces."""
    assert verdict("eks", "AssociateAccessPolicy", {"accessScope": scope}) == code
