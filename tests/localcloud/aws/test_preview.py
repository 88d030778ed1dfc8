"""A preview checks the requests of a deployment. Mocked: the account, by answers built from AWS's models."""

import json
from collections import Counter
from typing import Any

import pytest

from localcloud.aws import preview
from localcloud.aws.account import Account
from localcloud.aws.provider import AwsProvider
from localcloud.protocol.servicer import ProviderError, Target
from localcloud.protocol.values import UNKNOWN, Properties
from tests.support.worlds import WORLDS, world_of

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
RULE = {
    "securityGroupId": UNKNOWN,
    "referencedSecurityGroupId": UNKNOWN,
    "ipProtocol": "tcp",
    "fromPort": 1,
    "toPort": 1,
}
# Type, valid inputs, wrong change, code, and path of Pulumi's property.
REFUSED: list[tuple[str, Properties, Properties, str, str]] = [
    (INGRESS, RULE, {"description": "the cluster's nodes"}, "InvalidParameterValue", "description"),
    ("aws:iam/role:Role", {"assumeRolePolicy": UNKNOWN}, {"name": "a b"}, "ValidationError", "name"),
    (
        "aws:rds/instance:Instance",
        {"engine": "postgres", "instanceClass": "db.t4g.small"},
        {"identifier": "1-db"},
        "InvalidParameterValue",
        "identifier",
    ),
    (
        "aws:rds/parameterGroup:ParameterGroup",
        {"family": "postgres18"},
        {"parameters": [{"name": "a", "value": "1", "applyMethod": "now"}]},
        "InvalidParameterValue",
        "parameters[0].applyMethod",
    ),
    (
        "aws:ecr/repository:Repository",
        {},
        {"imageTagMutability": "FIXED"},
        "InvalidParameterException",
        "imageTagMutability",
    ),
    ("aws:cloudwatch/logGroup:LogGroup", {}, {"name": "a b"}, "InvalidParameterException", "name"),
    ("aws:sqs/queue:Queue", {"redrivePolicy": UNKNOWN}, {"delaySeconds": 901}, "InvalidAttributeValue", "delaySeconds"),
    ("aws:s3/bucket:Bucket", {}, {"bucket": "flow_logs"}, "InvalidBucketName", "bucket"),
    (
        "aws:lb/targetGroup:TargetGroup",
        {"port": 8080, "protocol": "HTTP", "targetType": "ip", "vpcId": UNKNOWN},
        {"healthCheck": {"interval": 5, "timeout": 7}},
        "ValidationError",
        "healthCheck.timeout",
    ),
    (INGRESS, RULE, {"toPort": 65536}, "InvalidParameterValue", "toPort"),
    (
        "aws:lb/loadBalancer:LoadBalancer",
        {"subnets": [UNKNOWN, UNKNOWN]},
        {"idleTimeout": 4001},
        "ValidationError",
        "idleTimeout",
    ),
]


@pytest.fixture
def provider() -> AwsProvider:
    return AwsProvider("123456789012", "eu-central-1", None)


def target(type_: str, name: str = "x") -> Target:
    return Target(urn=f"urn:pulumi:test::drydock::{type_}::{name}", type=type_, name=name)


def create(provider: AwsProvider, type_: str, inputs: Properties, name: str = "x") -> None:
    provider.create(target(type_, name), provider.check(target(type_, name), {}, inputs), preview=True)


@pytest.mark.parametrize(("type_", "good", "change", "code", "path"), REFUSED)
def test_a_preview_refuses_requests_that_aws_would_refuse(
    provider: AwsProvider, type_: str, good: Properties, change: Properties, code: str, path: str
) -> None:
    """The message has AWS's code, Pulumi's path and the rule's source; without the change it is accepted."""
    create(provider, type_, good)
    words = rf"was refused with {code}: .* at {path.replace('[', '.').replace(']', '.')}; rule: (botocore |https://)"
    with pytest.raises(ProviderError, match=words):
        create(provider, type_, {**good, **change})


def test_a_preview_checks_an_update(provider: AwsProvider) -> None:
    """The update request of the resource is checked."""
    old = provider.check(target(INGRESS), {}, {**RULE, "securityGroupId": "sg-1", "description": "nodes"})

    def update(description: str) -> Properties:
        new = {**old, "description": description}
        return provider.update(target(INGRESS), "sgr-1", old, old, new, preview=True)

    assert update("pods")["description"] == "pods"
    with pytest.raises(ProviderError, match="InvalidParameterValue"):
        update("the cluster's")


def test_a_preview_knows_the_protocol_of_a_deployed_target_group(provider: AwsProvider) -> None:
    """The request for a change has no protocol, which decides whether the timeout may be the interval."""
    type_ = "aws:lb/targetGroup:TargetGroup"

    def update(protocol: str, timeout: int) -> None:
        base = {"port": 8080, "protocol": protocol, "targetType": "ip", "vpcId": "vpc-1"}
        old = provider.check(target(type_), {}, {**base, "healthCheck": {"interval": 5, "timeout": 2}})
        new = {**old, "healthCheck": {"interval": 5, "timeout": timeout}}
        provider.update(target(type_), "arn", old, old, new, preview=True)

    update("HTTP", 4)
    update("TCP", 5)
    with pytest.raises(ProviderError, match=r"at healthCheck\.timeout;"):
        update("HTTP", 5)


def test_a_preview_checks_changes_of_tags(provider: AwsProvider) -> None:
    type_ = "aws:ecr/repository:Repository"
    old = provider.check(target(type_), {}, {"tags": {"a": "b"}})

    def update(value: str) -> None:
        new = provider.check(target(type_), old, {**old, "tags": {"a": value}})
        provider.update(target(type_), "repository", old, old, new, preview=True)

    update("c" * 256)
    with pytest.raises(ProviderError, match="InvalidTagParameterException"):
        update("c" * 257)


@pytest.mark.parametrize("name", WORLDS)
def test_every_stack_passes(provider: AwsProvider, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All requests of each resource are checked. Generated ids of the recorder are replaced by unknown values."""
    monkeypatch.setattr(preview, "unchecked", Counter())
    region = world_of(name).settings.region
    provider.configure({"region": region})
    resources = [each for each in world_of(name).recording.resources.values() if each.type.startswith("aws:")]
    for each in resources:
        # The recorder generates ARNs of one region only.
        inputs = json.loads(json.dumps(each.inputs).replace(":eu-central-1:", f":{region}:"))
        create(provider, each.type, without_ids(inputs), each.name)

    assert len(resources) > 40
    assert preview.unchecked == Counter()


def without_ids(value: Any) -> Any:
    """Return the inputs with ids that the recorder generated, such as `Role:reader`, replaced by unknown values."""
    if isinstance(value, dict):
        return {key: without_ids(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_ids(item) for item in value]
    kind, colon, _ = value.partition(":") if isinstance(value, str) else ("", "", "")
    return UNKNOWN if colon and kind[:1].isupper() and kind.isalnum() else value


def test_accepts_and_counts_resources_that_cannot_be_checked_completely(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that only AWS knows ends the check of this resource."""
    monkeypatch.setattr(preview, "unchecked", Counter())

    def work(aws: Account) -> None:
        int(aws.call("iam", "GetRole", RoleName="a")["Role"]["RoleId"])

    preview.run("aws:iam/role:Role", work, "123456789012", "eu-central-1")

    assert preview.unchecked == Counter({"aws:iam/role:Role": 1})
