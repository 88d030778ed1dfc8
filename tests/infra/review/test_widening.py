"""Changes that widen access."""

import json
from typing import Any

import pytest

from infra.resources.properties import UNKNOWN
from infra.review.widening import widenings

RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ROLE = "aws:iam/role:Role"
KEY = "aws:kms/key:Key"
CLUSTER = "aws:eks/cluster:Cluster"
SERVICE = "kubernetes:core/v1:Service"
NAMESPACE = "kubernetes:core/v1:Namespace"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
INSTANCE = "aws:rds/instance:Instance"
SCHEME = "service.beta.kubernetes.io/aws-load-balancer-scheme"


def _tcp(port: Any, **source: Any) -> dict[str, Any]:
    return {"ipProtocol": "tcp", "fromPort": port, "toPort": port, **source}


def _policy(*actions: str, resource: str = "arn:aws:s3:::data") -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return {"policy": json.dumps({"Statement": [statement]})}


def _denying() -> dict[str, Any]:
    return {"policy": _policy("s3:GetObject")["policy"].replace("Allow", "Deny")}


def _trust(key: str, principal: object) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return {key: json.dumps({"Statement": statement})}


def _level(level: Any) -> dict[str, Any]:
    return {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": level}}}


@pytest.mark.parametrize(
    ("resource_type", "old", "new", "expected"),
    [
        (RULE, None, _tcp(443, cidrIpv4="0.0.0.0/0"), ("ingress tcp 443 from 0.0.0.0/0",)),
        (
            RULE,
            _tcp(5432, cidrIpv4="10.0.0.0/24"),
            _tcp(5432, cidrIpv4="10.0.0.0/8"),
            ("ingress tcp 5432 from 10.0.0.0/8",),
        ),
        (
            GROUP,
            {"ingress": []},
            {"ingress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "securityGroups": ["sg-1"]}]},
            ("ingress on all ports from sg-1",),
        ),
        (POLICY, None, _policy("s3:GetObject", resource="*"), ("allows s3:GetObject on *",)),
        (
            POLICY,
            _policy("s3:GetObject"),
            _policy("s3:GetObject", "s3:PutObject"),
            ("allows s3:PutObject on arn:aws:s3:::data",),
        ),
        (ATTACHMENT, None, {"policyArn": "arn:aws:iam::aws:policy/X"}, ("attaches arn:aws:iam::aws:policy/X",)),
        (
            ROLE,
            _trust("assumeRolePolicy", {"Service": "ec2.amazonaws.com"}),
            _trust("assumeRolePolicy", {"AWS": "arn:aws:iam::1:root"}),
            ("lets arn:aws:iam::1:root do sts:AssumeRole",),
        ),
        (KEY, None, _trust("policy", "*"), ("lets everybody do sts:AssumeRole",)),
        (
            CLUSTER,
            {"vpcConfig": {"endpointPublicAccess": False}},
            {"vpcConfig": {"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.0/24"]}},
            ("the Kubernetes API answers 203.0.113.0/24",),
        ),
        (CLUSTER, None, {}, ("the Kubernetes API answers 0.0.0.0/0",)),
        (
            SERVICE,
            None,
            {"metadata": {"annotations": {SCHEME: "internet-facing"}}, "spec": {"type": "LoadBalancer"}},
            ("its load balancer is open to everybody",),
        ),
        (NAMESPACE, _level("restricted"), _level("baseline"), ("admits pods at the baseline level",)),
        (
            BLOCK,
            {"blockPublicAcls": True},
            {"blockPublicAcls": False},
            ("blockPublicAcls is off: everybody may get access",),
        ),
        (BLOCK, {"blockPublicAcls": True}, None, ("the bucket may be made public",)),
        (
            INSTANCE,
            {},
            {"publiclyAccessible": True},
            ("it gets a public address, so everybody can send requests to it",),
        ),
        (RULE, None, {"ipProtocol": "tcp", "cidrIpv4": "10.0.0.0/8"}, ("ingress on all ports from 10.0.0.0/8",)),
        (RULE, None, _tcp("a", cidrIpv4="10.0.0.0/8"), ("ingress tcp a from 10.0.0.0/8",)),
        (POLICY, _denying(), None, ("no longer denies s3:GetObject",)),
        ("kubernetes:networking.k8s.io/v1:NetworkPolicy", {}, None, ("its pods are no longer confined by it",)),
    ],
)
def test_reports_new_grants(resource_type: str, old: Any, new: Any, expected: tuple[str, ...]) -> None:
    """Only what was not granted before is reported."""
    assert widenings(resource_type, old, new) == expected


@pytest.mark.parametrize(
    ("resource_type", "old", "new"),
    [
        (RULE, _tcp(443, cidrIpv4="0.0.0.0/0"), _tcp(443, cidrIpv4="0.0.0.0/0", description="new")),
        (RULE, _tcp(443, cidrIpv4="0.0.0.0/0"), None),
        (POLICY, _policy("s3:GetObject", "s3:PutObject"), _policy("s3:GetObject")),
        (POLICY, {"policy": UNKNOWN}, {"policy": UNKNOWN}),
        (CLUSTER, None, {"vpcConfig": UNKNOWN}),
        (CLUSTER, None, {"vpcConfig": {"endpointPublicAccess": False}}),
        (NAMESPACE, None, _level("restricted")),
        (NAMESPACE, _level("restricted"), _level(UNKNOWN)),
        (NAMESPACE, _level("restricted"), {"metadata": {"labels": UNKNOWN}}),
        (INSTANCE, {}, {"publiclyAccessible": False}),
        (POLICY, _policy("s3:GetObject"), None),
        (SERVICE, None, {"metadata": {"annotations": {SCHEME: "internal"}}, "spec": {"type": "LoadBalancer"}}),
        ("aws:ec2/vpc:Vpc", None, {"cidrBlock": "10.0.0.0/16"}),
    ],
)
def test_does_not_report_other_changes(resource_type: str, old: Any, new: Any) -> None:
    """Narrower, unchanged and unknown grants are not reported."""
    assert widenings(resource_type, old, new) == ()


FIRST_GRANTS = [
    (RULE, _tcp(5432, cidrIpv4="10.0.0.0/16"), "ingress tcp 5432 from 10.0.0.0/16"),
    (POLICY, _policy("s3:GetObject"), "allows s3:GetObject on arn:aws:s3:::data"),
    (ATTACHMENT, {"policyArn": "arn:aws:iam::aws:policy/X"}, "attaches arn:aws:iam::aws:policy/X"),
    (
        ROLE,
        _trust("assumeRolePolicy", {"Service": "pods.eks.amazonaws.com"}),
        "lets pods.eks.amazonaws.com do sts:AssumeRole",
    ),
]


@pytest.mark.parametrize(("resource_type", "new", "grant"), FIRST_GRANTS)
def test_does_not_report_grants_of_a_first_deployment(resource_type: str, new: Any, grant: str) -> None:
    """In an existing stack the same grant is reported."""
    assert widenings(resource_type, None, new) == (grant,)
    assert widenings(resource_type, None, new, fresh=True) == ()


@pytest.mark.parametrize(
    ("resource_type", "new"),
    [
        (KEY, _trust("policy", "*")),
        (RULE, _tcp(443, cidrIpv4="0.0.0.0/0")),
        (POLICY, _policy("s3:ListAllMyBuckets", resource="*")),
        (CLUSTER, {}),
    ],
)
def test_reports_grants_of_a_first_deployment_beyond_the_stack(resource_type: str, new: Any) -> None:
    """Examples are access from the internet, and access to all resources of the account."""
    assert len(widenings(resource_type, None, new, fresh=True)) == 1
