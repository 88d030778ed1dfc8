"""The plan of Terraform and the manifests that the scanners read; no scanner is needed."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource
from localcloud.aws.catalog import resource_types
from tests.infra.policy.scanners.kubernetes import manifests
from tests.infra.policy.scanners.terraform import plan, snake_case, terraform_type
from tests.support.planned import planned_stack
from tests.support.worlds import STACKS

# Types of https://registry.terraform.io/providers/hashicorp/aws/latest/docs
TYPES = """
    aws_acm_certificate
    aws_acm_certificate_validation
    aws_cloudfront_distribution
    aws_cloudwatch_log_delivery
    aws_cloudwatch_log_delivery_destination
    aws_cloudwatch_log_delivery_source
    aws_cloudwatch_log_group
    aws_cloudwatch_metric_alarm
    aws_db_instance
    aws_db_parameter_group
    aws_db_subnet_group
    aws_default_security_group
    aws_ecr_lifecycle_policy
    aws_ecr_repository
    aws_ecr_repository_policy
    aws_eip
    aws_eks_access_entry
    aws_eks_access_policy_association
    aws_eks_addon
    aws_eks_cluster
    aws_eks_pod_identity_association
    aws_flow_log
    aws_iam_openid_connect_provider
    aws_iam_policy
    aws_iam_role
    aws_iam_role_policy
    aws_iam_role_policy_attachment
    aws_internet_gateway
    aws_kms_alias
    aws_kms_key
    aws_lb
    aws_lb_listener
    aws_lb_listener_rule
    aws_lb_target_group
    aws_nat_gateway
    aws_route
    aws_route53_record
    aws_route_table
    aws_route_table_association
    aws_s3_bucket
    aws_s3_bucket_lifecycle_configuration
    aws_s3_bucket_ownership_controls
    aws_s3_bucket_policy
    aws_s3_bucket_public_access_block
    aws_s3_bucket_server_side_encryption_configuration
    aws_s3_bucket_versioning
    aws_secretsmanager_secret
    aws_secretsmanager_secret_version
    aws_security_group
    aws_sqs_queue
    aws_sqs_queue_policy
    aws_sqs_queue_redrive_allow_policy
    aws_subnet
    aws_vpc
    aws_vpc_endpoint
    aws_vpc_security_group_egress_rule
    aws_vpc_security_group_ingress_rule
    aws_wafv2_web_acl
    aws_wafv2_web_acl_association
    aws_wafv2_web_acl_logging_configuration
"""


def test_every_type_of_the_stacks_has_a_type_of_terraform() -> None:
    """Names that Terraform does not know would hide a resource from checkov."""
    tokens = [*resource_types(), *(each.type for stack in STACKS for each in planned_stack(stack))]

    assert sorted({terraform_type(each) for each in tokens if each.startswith("aws:")}) == sorted(TYPES.split())


@given(st.lists(st.sampled_from(["a", "ab", "ipv4", "s3"]), min_size=1, max_size=5))
def test_names_round_trip(words: list[str]) -> None:
    """The camelCase of Pulumi is the name of Terraform again."""
    camel = "".join([words[0], *(word.capitalize() for word in words[1:])])

    assert snake_case(camel) == "_".join(words)


@pytest.mark.parametrize(
    ("properties", "values"),
    [
        ({"multiAz": True, "port": 5432.0, "size": 0.5}, {"multi_az": True, "port": 5432, "size": 0.5}),
        ({"vpcConfig": {"subnetIds": ["a"]}}, {"vpc_config": [{"subnet_ids": ["a"]}]}),
        ({"defaultActions": [{"type": "forward"}]}, {"default_action": [{"type": "forward"}]}),
        ({"aliases": [{"name": "a"}]}, {"alias": [{"name": "a"}]}),
        ({"entries": [{"id": "a"}]}, {"entry": [{"id": "a"}]}),
        ({"aliases": ["www.example.com"]}, {"aliases": ["www.example.com"]}),
        ({"ingress": [{"fromPort": 1.0}], "egress": []}, {"ingress": [{"from_port": 1}], "egress": []}),
        ({"redactedFields": [{"method": {}}]}, {"redacted_fields": [{"method": [{}]}]}),
        ({"tags": {"costCenter": "a"}}, {"tags": {"costCenter": "a"}}),
        ({"dimensions": {"QueueName": "b"}}, {"dimensions": {"QueueName": "b"}}),
    ],
)
def test_names_and_blocks(properties: dict[str, Any], values: dict[str, Any]) -> None:
    """A block is a list, with the name of one; a map keeps its keys."""
    assert _planned({"id": "a", **properties}) == values


def test_an_unknown_value_is_a_reference() -> None:
    """It has no value, at any depth; lists and known values have references too."""
    key = Resource(type="aws:kms/key:Key", name="key", urn="urn:key", properties={"id": UNKNOWN})
    role = Resource(type="random:index/randomId:RandomId", name="role", urn="urn:random", properties={"id": UNKNOWN})
    subject = Resource(
        type="aws:eks/cluster:Cluster",
        name="cluster",
        urn="urn:cluster",
        properties={
            "kmsKeyArn": UNKNOWN,
            "encryptionConfig": {"provider": {"keyArn": UNKNOWN}, "resources": ["secrets"]},
            "policy": "{}",
            "name": UNKNOWN,
            "version": "1.35",
        },
        dependencies={
            "kmsKeyArn": ["urn:key"],
            "encryptionConfig": ["urn:key"],
            "policy": ["urn:key"],
            "name": ["urn:random"],
        },
    )
    document = plan([key, role, subject])
    arn = {"references": ["aws_kms_key.key.arn", "aws_kms_key.key"]}

    assert document["planned_values"]["root_module"]["resources"][1]["values"] == {
        "encryption_config": [{"provider": [{}], "resources": ["secrets"]}],
        "policy": "{}",
        "version": "1.35",
    }
    assert document["configuration"]["root_module"]["resources"][1]["expressions"] == {
        "kms_key_arn": arn,
        "encryption_config": [{"provider": [{"key_arn": arn}]}],
        "policy": {"references": ["aws_kms_key.key.id", "aws_kms_key.key"]},
        "name": {"references": ["terraform_data.foreign.id", "terraform_data.foreign"]},
    }


@pytest.mark.parametrize("stack", STACKS)
def test_renders_every_resource(stack: str) -> None:
    """AWS resources have addresses of their own, Kubernetes objects have names."""
    resources = planned_stack(stack)
    root = plan(resources)["planned_values"]["root_module"]["resources"]
    objects = list(yaml.safe_load_all(manifests(resources)))

    assert len({each["address"] for each in root}) == sum(each.type.startswith("aws:") for each in resources) > 50
    assert len(objects) == sum(each.type.startswith("kubernetes:") for each in resources) > 10
    assert [each for each in objects if not each["metadata"]["name"] or "id" in each] == []


def test_a_manifest_has_no_unknown_values() -> None:
    """Numbers of the engine, which are floats, are integers."""
    subject = Resource(
        type="kubernetes:core/v1:Pod",
        name="pod",
        urn="urn:pod",
        properties={
            "id": "a",
            "apiVersion": "v1",
            "kind": "Pod",
            "spec": {"nodeName": UNKNOWN, "items": [UNKNOWN, 1.0, 0.5]},
        },
    )

    assert list(yaml.safe_load_all(manifests([subject]))) == [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod"}, "spec": {"items": [1, 0.5]}}
    ]


def _planned(properties: dict[str, Any]) -> Any:
    subject = Resource(type="aws:ec2/vpc:Vpc", name="subject", urn="urn:subject", properties=properties)
    return plan([subject])["planned_values"]["root_module"]["resources"][0]["values"]
