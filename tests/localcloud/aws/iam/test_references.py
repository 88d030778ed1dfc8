"""Resources of calls to services without resource policies, from AWS's service authorization reference."""

from typing import Any

import pytest

from localcloud.aws.iam.actions import actions
from localcloud.aws.iam.references import arns, types_of
from localcloud.aws.iam.requests import Call, call, signature
from tests.localcloud.aws.iam.test_requests import REGION, wire

ACCOUNT = "123456789012"
VPC, SUBNET, TABLE = "vpc-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60718", "rtb-0a1b2c3d4e5f60718"
GROUP, OTHER_GROUP = "sg-0a1b2c3d4e5f60718", "sg-1a1b2c3d4e5f60718"
TAGGED = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": VPC}]}]
ENTRY = {"clusterName": "c", "principalArn": f"arn:aws:iam::{ACCOUNT}:role/ops/admin"}
LOG_GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/x"


def asked(service: str, operation: str, **parameters: Any) -> Call:
    taken = wire(service, operation, **parameters)
    signed = signature(taken)
    assert signed is not None
    found = call(taken, signed)
    assert found is not None
    return found


# Service, operation, parameters -> action -> ends of the ARNs; whole ARNs for those without region or account.
CASES: list[tuple[str, str, dict[str, Any], dict[str, list[str] | None]]] = [
    ("ec2", "describe_vpcs", {}, {"ec2:DescribeVpcs": []}),
    ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16"}, {"ec2:CreateVpc": ["vpc/*"]}),
    (
        "ec2",
        "create_vpc",
        {"CidrBlock": "10.0.0.0/16", "TagSpecifications": TAGGED},
        {"ec2:CreateVpc": ["vpc/*"], "ec2:CreateTags": ["vpc/*"]},
    ),
    (
        "ec2",
        "create_subnet",
        {"VpcId": VPC, "CidrBlock": "10.0.0.0/24"},
        {"ec2:CreateSubnet": [f"vpc/{VPC}", "subnet/*"]},
    ),
    (
        "ec2",
        "associate_route_table",
        {"SubnetId": SUBNET, "RouteTableId": TABLE},
        {"ec2:AssociateRouteTable": [f"subnet/{SUBNET}", f"route-table/{TABLE}"]},
    ),
    (
        "ec2",
        "create_tags",
        {"Resources": [VPC, SUBNET], "Tags": [{"Key": "a", "Value": GROUP}]},
        {"ec2:CreateTags": [f"vpc/{VPC}", f"subnet/{SUBNET}"]},
    ),
    (
        "ec2",
        "authorize_security_group_ingress",
        {"GroupId": GROUP, "IpPermissions": [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": OTHER_GROUP}]}]},
        {"ec2:AuthorizeSecurityGroupIngress": [f"security-group/{GROUP}", "security-group-rule/*"]},
    ),
    (
        "ec2",
        "delete_vpc_endpoints",
        {"VpcEndpointIds": ["vpce-0a1b2c3d4e5f60718"]},
        {"ec2:DeleteVpcEndpoints": ["vpc-endpoint/vpce-0a1b2c3d4e5f60718"]},
    ),
    ("eks", "list_clusters", {}, {"eks:ListClusters": []}),
    ("eks", "describe_cluster", {"name": "c"}, {"eks:DescribeCluster": ["cluster/c"]}),
    ("eks", "create_access_entry", ENTRY, {"eks:CreateAccessEntry": ["cluster/c"]}),
    (
        "eks",
        "create_access_entry",
        {**ENTRY, "tags": {"a": "b"}},
        {"eks:CreateAccessEntry": ["cluster/c"], "eks:TagResource": ["cluster/c"]},
    ),
    ("eks", "delete_access_entry", ENTRY, {"eks:DeleteAccessEntry": [f"access-entry/c/role/{ACCOUNT}/admin/*"]}),
    ("eks", "describe_addon", {"clusterName": "c", "addonName": "a"}, {"eks:DescribeAddon": ["addon/c/a/*"]}),
    (
        "eks",
        "delete_pod_identity_association",
        {"clusterName": "c", "associationId": "a-1"},
        {"eks:DeletePodIdentityAssociation": ["podidentityassociation/c/a-1"]},
    ),
    (
        "eks",
        "tag_resource",
        {"resourceArn": f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/c", "tags": {"a": "b"}},
        {"eks:TagResource": ["cluster/c"]},
    ),
    (
        "rds",
        "create_db_instance",
        {
            "DBInstanceIdentifier": "DB-1",
            "DBInstanceClass": "db.t4g.small",
            "Engine": "postgres",
            "DBSubnetGroupName": "subnets",
            "DBParameterGroupName": "parameters",
            "Tags": [{"Key": "a", "Value": "b"}],
        },
        {
            "rds:CreateDBInstance": ["db:db-1", "pg:parameters", "subgrp:subnets"],
            "rds:AddTagsToResource": ["db:db-1", "pg:parameters", "subgrp:subnets"],
        },
    ),
    ("rds", "describe_db_instances", {}, {"rds:DescribeDBInstances": ["db:*"]}),
    ("ecr", "get_authorization_token", {}, {"ecr:GetAuthorizationToken": []}),
    (
        "ecr",
        "describe_repositories",
        {"repositoryNames": ["aa", "bb"]},
        {"ecr:DescribeRepositories": ["repository/aa", "repository/bb"]},
    ),
    ("ecr", "put_image", {"repositoryName": "a/b", "imageManifest": "x"}, {"ecr:PutImage": ["repository/a/b"]}),
    ("logs", "create_log_group", {"logGroupName": "/aws/x"}, {"logs:CreateLogGroup": ["log-group:/aws/x:log-stream:"]}),
    (
        "logs",
        "create_log_stream",
        {"logGroupName": "/aws/x", "logStreamName": "s"},
        {"logs:CreateLogStream": ["log-group:/aws/x:log-stream:s"]},
    ),
    (
        "logs",
        "put_log_events",
        {"logGroupName": "/aws/x", "logStreamName": "s", "logEvents": [{"timestamp": 1, "message": "x"}]},
        {"logs:PutLogEvents": ["log-group:/aws/x:log-stream:s"]},
    ),
    ("logs", "list_tags_for_resource", {"resourceArn": LOG_GROUP}, {"logs:ListTagsForResource": ["log-group:/aws/x"]}),
    (
        "cloudwatch",
        "put_metric_alarm",
        {
            "AlarmName": "a",
            "ComparisonOperator": "LessThanThreshold",
            "EvaluationPeriods": 1,
            "Tags": [{"Key": "a", "Value": "b"}],
        },
        {"cloudwatch:PutMetricAlarm": ["alarm:a"], "cloudwatch:TagResource": ["alarm:a"]},
    ),
    ("cloudwatch", "delete_alarms", {"AlarmNames": ["a", "b"]}, {"cloudwatch:DeleteAlarms": ["alarm:a", "alarm:b"]}),
    ("sns", "create_topic", {"Name": "a"}, {"sns:CreateTopic": None}),
]


@pytest.mark.parametrize(("service", "operation", "parameters", "expected"), CASES, ids=lambda part: str(part)[:40])
def test_finds_the_resources_of_a_call(
    service: str, operation: str, parameters: dict[str, Any], expected: dict[str, list[str] | None]
) -> None:
    """They are those of its own action and of the tagging action; None means unknown."""
    found = asked(service, operation, **parameters)

    assert set(actions(found)) == set(expected)
    for action, ends in expected.items():
        named = arns(found, action, ACCOUNT)
        prefix = f"arn:aws:{service}:{REGION}:{ACCOUNT}:"
        whole = None if ends is None else sorted(end if end.startswith("arn:") else prefix + end for end in ends)
        assert (sorted(named) if named else named) == whole


def test_an_undocumented_action_has_no_known_resources() -> None:
    assert types_of("ec2", "MakeVpc") is None
    assert types_of("no-service", "Make") is None
    assert types_of("ec2", "DescribeVpcs") == ()
