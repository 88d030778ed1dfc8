"""Rules of Elastic Load Balancing that no resource of the local cloud can violate alone, and values not known yet."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

WRONG = "ValidationError"
DENIED = "InvalidConfigurationRequest"
ARN = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/front/50dc6c495c0c9188"
GROUP = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/a/50dc6c495c0c9188"
WRITER = {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("slow_start.duration_seconds", "0", ""),
        ("slow_start.duration_seconds", "29", WRONG),
        ("slow_start.duration_seconds", "30", ""),
        ("slow_start.duration_seconds", "900", ""),
        ("slow_start.duration_seconds", "901", WRONG),
        ("stickiness.lb_cookie.duration_seconds", "0", WRONG),
        ("stickiness.lb_cookie.duration_seconds", "604800", ""),
        ("stickiness.app_cookie.duration_seconds", "604801", WRONG),
        ("stickiness.type", "app_cookie", ""),
        ("stickiness.type", "cookie", WRONG),
        ("stickiness.enabled", "1", WRONG),
        ("load_balancing.algorithm.type", "weighted_random", ""),
        ("load_balancing.algorithm.type", "random", WRONG),
        ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration", ""),
        ("deregistration_delay.timeout_seconds", "0", ""),
        ("deregistration_delay.timeout_seconds", "soon", WRONG),
        ("deregistration_delay.timeout_seconds", UNKNOWN, ""),
        ("proxy_protocol_v2.enabled", "perhaps", ""),  # of another kind of load balancer
    ],
)
def test_validates_attributes_of_target_groups(key: str, value: str, code: str) -> None:
    """Also those that the local cloud does not keep. Unknown values and other attributes are accepted."""
    request = {"TargetGroupArn": GROUP, "Attributes": [{"Key": key, "Value": value}]}

    assert verdict("elbv2", "ModifyTargetGroupAttributes", request) == code


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("idle_timeout.timeout_seconds", UNKNOWN),
        ("routing.http.desync_mitigation_mode", UNKNOWN),
        ("access_logs.s3.bucket", UNKNOWN),
    ],
)
def test_accepts_unknown_attributes_of_load_balancers(key: str, value: str) -> None:
    logs = [{"Key": "access_logs.s3.enabled", "Value": "true"}, {"Key": "access_logs.s3.bucket", "Value": UNKNOWN}]
    request = {"LoadBalancerArn": UNKNOWN, "Attributes": [*logs, {"Key": key, "Value": value}]}

    assert verdict("elbv2", "ModifyLoadBalancerAttributes", request) == ""


@pytest.mark.parametrize(
    ("protocol", "deployed", "change", "code"),
    [
        ("HTTP", {"HealthCheckIntervalSeconds": 5}, {"HealthCheckTimeoutSeconds": 5}, WRONG),
        ("HTTP", {"HealthCheckIntervalSeconds": 6}, {"HealthCheckTimeoutSeconds": 5}, ""),
        ("TCP", {"HealthCheckIntervalSeconds": 5}, {"HealthCheckTimeoutSeconds": 5}, ""),
        ("HTTP", {"HealthCheckTimeoutSeconds": 20}, {"HealthCheckIntervalSeconds": 10}, WRONG),
        ("HTTPS", {}, {"Matcher": {"HttpCode": "500"}}, WRONG),
        ("TCP", {}, {"Matcher": {"HttpCode": "500"}}, ""),
        ("TCP", {"HealthCheckProtocol": "TCP"}, {"HealthCheckPath": "/"}, WRONG),
        ("TCP", {"HealthCheckProtocol": "HTTP"}, {"HealthCheckPath": "/"}, ""),
        ("HTTP", {}, {"HealthCheckProtocol": "TCP"}, WRONG),
        ("HTTP", {}, {"HealthCheckEnabled": False}, WRONG),
        ("HTTP", {"TargetType": "lambda"}, {"HealthCheckEnabled": False}, ""),
    ],
)
def test_validates_a_change_of_a_target_group_in_the_account(
    protocol: str, deployed: dict[str, Any], change: dict[str, Any], code: str
) -> None:
    """A change omits what the target group has already."""

    def ask(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        assert (service, operation, parameters) == ("elbv2", "DescribeTargetGroups", {"TargetGroupArns": [GROUP]})
        return {"TargetGroups": [{"Protocol": protocol, "TargetType": "ip", **deployed}]}

    assert verdict("elbv2", "ModifyTargetGroup", {"TargetGroupArn": GROUP, **change}, ask) == code


@pytest.mark.parametrize(
    "codes", ["200,", "-200", "200-", "200 202", "2xx", "", "200-299,", "0200", "1000", "two", "\u0662\u0660\u0660"]
)
def test_refuses_malformed_codes(codes: str) -> None:
    request = {"Protocol": "HTTP", "Port": 80, "VpcId": UNKNOWN, "Matcher": {"HttpCode": codes}}

    assert verdict("elbv2", "CreateTargetGroup", request) == WRONG


def logs_in(policy: Any, *, region: str | None = "eu-central-1", encryption: str = "AES256") -> Any:
    """Answer for an account with the bucket `logs`."""

    def ask(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        assert (service, parameters) == ("s3", {"Bucket": "logs"})
        if operation == "GetBucketPolicy" and policy is None:
            raise ClientError({"Error": {"Code": "NoSuchBucketPolicy"}}, operation)
        default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": encryption}}
        return {
            "GetBucketLocation": {"LocationConstraint": region},
            "GetBucketEncryption": {"ServerSideEncryptionConfiguration": {"Rules": [default]}},
            "GetBucketPolicy": {"Policy": json.dumps(policy)},
        }[operation]

    return ask


def statement(principal: Any = WRITER, resource: str = "*", **more: Any) -> dict[str, Any]:
    allow = {"Effect": "Allow", "Principal": principal, "Action": "s3:PutObject"}
    return {**allow, "Resource": f"arn:aws:s3:::logs/{resource}", **more}


def access_logs(ask: Any) -> str:
    given = {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": "logs", "access_logs.s3.prefix": "a"}
    listed = [{"Key": key, "Value": value} for key, value in given.items()]
    return verdict("elbv2", "ModifyLoadBalancerAttributes", {"LoadBalancerArn": ARN, "Attributes": listed}, ask)


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        ([statement()], ""),
        ([statement(resource="a/AWSLogs/123456789012/*")], ""),
        ([statement(resource="AWSLogs/123456789012/*")], DENIED),
        ([statement(resource="a/AWSLogs/210987654321/*")], DENIED),
        ([statement({"AWS": "arn:aws:iam::054676820928:root"})], ""),  # the writer in regions of before 2022
        ([statement({"AWS": "arn:aws:iam::123456789012:root"})], DENIED),
        ([statement({"Service": "delivery.logs.amazonaws.com"})], DENIED),
        ([statement(Action="s3:GetObject")], DENIED),
        ([statement(Condition={"StringEquals": {"aws:SourceAccount": "210987654321"}})], DENIED),
        ([statement(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:elasticloadbalancing:*"}})], ""),
        ([statement(), statement("*", Effect="Deny")], DENIED),
        ([statement(), statement("*", Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})], ""),
        ([], DENIED),
    ],
)
def test_access_logs_need_a_bucket_policy(statements: list[dict[str, Any]], code: str) -> None:
    """The service must be able to write a test file below the prefix."""
    assert access_logs(logs_in({"Version": "2012-10-17", "Statement": statements})) == code


@pytest.mark.parametrize(
    ("bucket", "code"),
    [
        ({}, ""),
        ({"region": "eu-west-1"}, DENIED),
        ({"region": None}, DENIED),  # us-east-1
        ({"encryption": "aws:kms"}, DENIED),
    ],
)
def test_access_logs_need_a_bucket_of_the_region_with_s3s_own_keys(bucket: dict[str, Any], code: str) -> None:
    assert access_logs(logs_in({"Version": "2012-10-17", "Statement": [statement()]}, **bucket)) == code


def test_access_logs_are_refused_without_any_policy() -> None:
    assert access_logs(logs_in(None)) == DENIED
