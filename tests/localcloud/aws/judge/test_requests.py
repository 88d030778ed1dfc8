"""Requests and AWS's models: for each constraint, a value at the limit is accepted, and one beyond is refused."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.aws.judge import requests
from localcloud.aws.judge.refusal import RefusedError
from localcloud.aws.specifications.models import service_model
from localcloud.protocol.values import UNKNOWN

TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, '
    '"Action": "sts:AssumeRole"}]}'
)
ROLE = {"RoleName": "reader", "AssumeRolePolicyDocument": TRUST}
REPOSITORY = {"repositoryName": "app"}
# Service, operation, valid parameters, refused change, code, path, and end of the message.
CASES: list[tuple[str, str, dict[str, Any], dict[str, Any], str, tuple[str | int, ...], str]] = [
    ("iam", "CreateRole", ROLE, {"RoleName": "r" * 65}, "ValidationError", ("RoleName",), "less than or equal to 64"),
    ("iam", "CreateRole", ROLE, {"RoleName": ""}, "ValidationError", ("RoleName",), "greater than or equal to 1"),
    ("iam", "CreateRole", ROLE, {"RoleName": "a b"}, "ValidationError", ("RoleName",), r"pattern: [\w+=,.@-]+"),
    ("iam", "CreateRole", ROLE, {"MaxSessionDuration": 3599}, "ValidationError", ("MaxSessionDuration",), "3600"),
    ("iam", "CreateRole", ROLE, {"MaxSessionDuration": 43201}, "ValidationError", ("MaxSessionDuration",), "43200"),
    (
        "iam",
        "CreateRole",
        ROLE,
        {"AssumeRolePolicyDocument": None},
        "ValidationError",
        ("AssumeRolePolicyDocument",),
        "null",
    ),
    (
        "kms",
        "ScheduleKeyDeletion",
        {"KeyId": "a"},
        {"PendingWindowInDays": 0},
        "ValidationException",
        ("PendingWindowInDays",),
        "equal to 1",
    ),
    ("kms", "CreateKey", {}, {"KeyUsage": "SIGN"}, "ValidationException", ("KeyUsage",), "ENCAPSULATE_DECAPSULATE]"),
    (
        "logs",
        "CreateLogGroup",
        {"logGroupName": "a"},
        {"logGroupName": "a b"},
        "InvalidParameterException",
        ("logGroupName",),
        r"[\.\-_/#A-Za-z0-9]+",
    ),
    (
        "ecr",
        "CreateRepository",
        REPOSITORY,
        {"repositoryName": "App"},
        "InvalidParameterException",
        ("repositoryName",),
        "*",
    ),
    (
        "ecr",
        "CreateRepository",
        REPOSITORY,
        {"imageTagMutability": "FIXED"},
        "InvalidParameterException",
        ("imageTagMutability",),
        "]",
    ),
    ("secretsmanager", "CreateSecret", {"Name": "a"}, {"Name": "a" * 513}, "ValidationException", ("Name",), "512"),
    (
        "ec2",
        "CreateSecurityGroup",
        {"GroupName": "a", "Description": "b"},
        {"Description": None},
        "MissingParameter",
        ("Description",),
        "null",
    ),
    (
        "ec2",
        "CreateVpc",
        {"CidrBlock": "10.0.0.0/16"},
        {"InstanceTenancy": "shared"},
        "InvalidParameterValue",
        ("InstanceTenancy",),
        "host]",
    ),
    (
        "sqs",
        "CreateQueue",
        {"QueueName": "jobs"},
        {"QueueName": "jobs.new"},
        "InvalidParameterValue",
        ("QueueName",),
        "1 to 80 in length",
    ),
    (
        "eks",
        "CreateAddon",
        {"clusterName": "a", "addonName": "coredns"},
        {"resolveConflicts": "ASK"},
        "InvalidParameterException",
        ("resolveConflicts",),
        "PRESERVE]",
    ),
]


def judge(service: str, operation: str, parameters: dict[str, Any]) -> None:
    requests.check(service, operation, {key: value for key, value in parameters.items() if value is not None})


@pytest.mark.parametrize(("service", "operation", "good", "change", "code", "path", "words"), CASES)
def test_refuses_a_value_beyond_its_constraint(
    service: str,
    operation: str,
    good: dict[str, Any],
    change: dict[str, Any],
    code: str,
    path: tuple[str | int, ...],
    words: str,
) -> None:
    """The refusal has the service's code, the parameter's path and the model; without the change it is accepted."""
    judge(service, operation, good)
    with pytest.raises(RefusedError) as refused:
        judge(service, operation, {**good, **change})

    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.path == path
    assert refused.value.response["Error"]["Message"].endswith(words)
    assert refused.value.source.startswith("botocore ")


def test_applies_a_rule_at_any_depth() -> None:
    """The value is in the second item of a list, and the message has its index."""
    pairs = [{"GroupId": "sg-1", "Description": text} for text in ("the nodes", "the cluster's nodes")]
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": pairs}
    with pytest.raises(RefusedError) as refused:
        judge("ec2", "AuthorizeSecurityGroupIngress", {"GroupId": "sg-1", "IpPermissions": [permission]})

    assert refused.value.path == ("IpPermissions", 0, "UserIdGroupPairs", 1, "Description")


@pytest.mark.parametrize("value", [UNKNOWN, f"the cluster's {UNKNOWN}"])
def test_accepts_unknown_values(value: str) -> None:
    """A part of a text may be unknown too."""
    judge("iam", "CreateRole", {**ROLE, "RoleName": value})


LIMITS = [
    ("iam", "CreateRoleRequest", "RoleName", st.from_regex(r"\A[A-Za-z0-9+=,.@_-]{1,64}\Z")),
    ("logs", "CreateLogGroupRequest", "logGroupName", st.from_regex(r"\A[A-Za-z0-9_/.#-]{1,512}\Z")),
    ("kms", "CreateAliasRequest", "AliasName", st.from_regex(r"\A[A-Za-z0-9:/_-]{1,256}\Z")),
    ("iam", "CreatePolicyRequest", "PolicyName", st.from_regex(r"\A[A-Za-z0-9+=,.@_-]{1,128}\Z")),
]


@pytest.mark.parametrize(("service", "shape", "member", "good"), LIMITS, ids=lambda part: str(part)[:30])
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_accepts_exactly_the_values_of_a_grammar(
    service: str, shape: str, member: str, good: Any, data: st.DataObject
) -> None:
    """Generated values are accepted; with an invalid character, or 513 times as long, they are refused."""
    model = service_model(service).shape_for(shape).members[member]
    value = data.draw(good)
    wrong = data.draw(st.sampled_from("é \t\n'\"<>|?%^~`\\"))

    assert list(requests.violations(model, value, (member,), "model")) == []
    assert [each.kind for each in requests.violations(model, value[:1] + wrong, (member,), "model")] == ["pattern"]
    assert "maximum length" in [each.kind for each in requests.violations(model, value * 513, (member,), "model")]
