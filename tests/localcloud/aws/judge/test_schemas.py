"""Inputs are checked with CloudFormation's schemas, whose create-only properties agree with the stand-in."""

import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from localcloud.aws.catalog import resource_types
from localcloud.aws.judge import schemas
from localcloud.aws.judge.refusal import RefusedError, property_path
from localcloud.aws.judge.schema_names import RENAMES, TYPES
from localcloud.aws.provider import AwsProvider
from localcloud.protocol.servicer import ProviderError, Target
from localcloud.protocol.values import UNKNOWN
from tests.support.provider_inputs import input_paths

# Types that are not separate resources in CloudFormation.
WITHOUT = {
    "aws:acm/certificateValidation:CertificateValidation",
    "aws:cloudfront/distribution:Distribution",  # it has other names in a nested block
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:secretsmanager/secretVersion:SecretVersion",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
}
RULES = ("cidrIpv4", "cidrIpv6", "fromPort", "ipProtocol", "prefixListId", "referencedSecurityGroupId", "toPort")
IN_PLACE = "ModifySecurityGroupRules changes it in place; CloudFormation does not use that operation"
# Properties that the schema updates and the stand-in replaces, or the other way round.
DIFFERENCES: Mapping[tuple[str, str], str] = {
    **{("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", name): IN_PLACE for name in RULES},
    **{("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", name): IN_PLACE for name in RULES},
    ("aws:ec2/vpc:Vpc", "instanceTenancy"): "conditional: ModifyVpcTenancy knows the way to default only",
    ("aws:ec2/eip:Eip", "domain"): "an address stays in its domain; there is no operation that changes it",
    ("aws:ec2/routeTableAssociation:RouteTableAssociation", "routeTableId"): "ReplaceRouteTableAssociation moves it",
    ("aws:kms/key:Key", "customerMasterKeySpec"): "KMS: you can't change the key spec after the key is created",
    ("aws:kms/key:Key", "keyUsage"): "KMS: you can't change the key usage after the key is created",
    ("aws:kms/key:Key", "multiRegion"): "KMS: you can't change this value after the key is created",
    ("aws:cloudwatch/logDelivery:LogDelivery", "recordFields"): "moto cannot change them",
    ("aws:cloudwatch/logDeliverySource:LogDeliverySource", "logType"): "a source of another type is another one",
    ("aws:cloudwatch/logDeliverySource:LogDeliverySource", "resourceArn"): "CloudWatch Logs refuses the update",
    ("aws:cloudwatch/logGroup:LogGroup", "logGroupClass"): "CloudFormation refuses the update; Pulumi replaces",
    ("aws:acm/certificate:Certificate", "validationMethod"): "ACM has no operation that changes it",
    ("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "clientIdLists"): "moto cannot change the list",
    ("aws:route53/record:Record", "name"): "a record is what it is by its name and type; another is a new one",
    ("aws:route53/record:Record", "type"): "as for its name",
    ("aws:rds/instance:Instance", "availabilityZone"): "conditional: ModifyDBInstance does not take it",
    ("aws:rds/instance:Instance", "engine"): "conditional: ModifyDBInstance takes it for custom engines only",
    ("aws:rds/instance:Instance", "dbSubnetGroupName"): "ModifyDBInstance moves an instance to another VPC",
}
PODS = {"serviceAccount": "a", "roleArn": "nobody"}
REFUSED: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("aws:cloudwatch/logGroup:LogGroup", {"retentionInDays": 31}, "retentionInDays", "Logs::LogGroup.RetentionInDays"),
    ("aws:cloudwatch/logGroup:LogGroup", {"logGroupClass": "COLD"}, "logGroupClass", ""),
    ("aws:rds/instance:Instance", {"performanceInsightsRetentionPeriod": 8}, "performanceInsightsRetentionPeriod", ""),
    ("aws:kms/key:Key", {"deletionWindowInDays": 31}, "deletionWindowInDays", ""),
    ("aws:kms/key:Key", {"rotationPeriodInDays": 89}, "rotationPeriodInDays", ""),
    ("aws:kms/alias:Alias", {"name": "key"}, "name", ""),
    ("aws:ecr/repository:Repository", {"imageTagMutability": "SOMETIMES"}, "imageTagMutability", ""),
    ("aws:eks/addon:Addon", {"podIdentityAssociations": [PODS]}, "podIdentityAssociations[0].roleArn", "EKS::Addon"),
    ("aws:cloudwatch/logGroup:LogGroup", {"kmsKeyId": "alias/key"}, "kmsKeyId", "Logs::LogGroup.KmsKeyId"),
    (
        "aws:eks/cluster:Cluster",
        {"kubernetesNetworkConfig": {"ipFamily": "ipv5"}},
        "kubernetesNetworkConfig.ipFamily",
        "",
    ),
    ("aws:eks/accessEntry:AccessEntry", {"clusterName": ""}, "clusterName", ""),
    ("aws:iam/role:Role", {"name": "a role"}, "name", ""),
    (
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        {"rule": {"objectOwnership": "Nobody"}},
        "rule.objectOwnership",
        "S3::Bucket.OwnershipControls",
    ),
    (
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "rot13"}}]},
        "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm",
        "",
    ),
)


def target(type_: str) -> Target:
    return Target(urn=f"urn:pulumi:test::drydock::{type_}::main", type=type_, name="main")


def at(path: str, value: Any) -> dict[str, Any]:
    for step in reversed(path.split(".")):
        value = {step: value}
    return dict(value)


@pytest.fixture
def offline() -> AwsProvider:
    return AwsProvider("123456789012", "eu-central-1", None)


def test_every_type_has_a_schema_or_is_listed_without_one() -> None:
    """A new type has to be added to one of them."""
    assert set(TYPES) | WITHOUT == set(resource_types())
    assert not set(TYPES) & WITHOUT


@pytest.mark.parametrize(("type_", "inputs", "path", "source"), REFUSED, ids=lambda each: str(each)[:60])
def test_refuses_a_value_that_violates_the_schema(type_: str, inputs: dict[str, Any], path: str, source: str) -> None:
    """The message has the path in CloudFormation's names and the schema as source; an unknown value is accepted."""
    resource = resource_types()[type_]
    with pytest.raises(RefusedError) as refusal:
        schemas.check(type_, resource.service, inputs, resource.renames)
    found = refusal.value
    at_ = property_path(inputs, found.path, found.value, {**resource.renames, **RENAMES.get(type_, {})})
    assert at_ == path
    assert f"cfn-lint AWS::{source}" in found.source
    unknown: Any = dict.fromkeys(inputs, UNKNOWN)
    schemas.check(type_, resource.service, unknown, resource.renames)


def test_a_preview_refuses_with_the_property_and_the_schema(offline: AwsProvider) -> None:
    """This includes the preview of an update."""
    type_ = "aws:eks/addon:Addon"
    old = {"clusterName": "a", "addonName": "metrics-server"}
    inputs = {**old, "podIdentityAssociations": [PODS]}
    words = r"at podIdentityAssociations\[0\]\.roleArn; rule: cfn-lint AWS::EKS::Addon\.PodIdentityAssociations"
    with pytest.raises(ProviderError, match=words):
        offline.create(target(type_), inputs, preview=True)
    with pytest.raises(ProviderError, match=words):
        offline.update(target(type_), "a:metrics-server", old, old, inputs, preview=True)


def test_create_only_properties_are_replaced(offline: AwsProvider) -> None:
    """Each input of each type agrees with `createOnlyProperties` of its schema, except listed differences."""
    compared, different = 0, set()
    for type_, resource in resource_types().items():
        for path in input_paths(type_):
            create_only = schemas.create_only(type_, resource.renames, path)
            kept = _is_kept(offline, type_, path)
            if create_only is None or not kept or path == "tags":
                continue
            compared += 1
            plan = offline.diff(target(type_), "id", at(path, "a"), {}, at(path, "b"))
            if bool(plan.replaces) is not create_only:
                different.add((type_, path))

    assert compared > 200
    assert different == set(DIFFERENCES), "the stand-in replaces otherwise: mend `replaces`, or explain in DIFFERENCES"


def _is_kept(offline: AwsProvider, type_: str, path: str) -> bool:
    try:
        offline.check(target(type_), {}, at(path, "a"))
    except ProviderError:
        return False
    return True


def test_reads_a_schema_only_if_needed() -> None:
    """The schema of one type does not load others."""
    script = (
        "from localcloud.aws.provider import AwsProvider\n"
        "from localcloud.aws.judge import schemas\n"
        "AwsProvider('1', 'eu-west-1', None)\n"
        "print(schemas._schema.cache_info().currsize)\n"
        "schemas.check('aws:ec2/vpc:Vpc', 'ec2', {'cidrBlock': '10.0.0.0/16'}, {})\n"
        "print(schemas._schema.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["0", "1"]
