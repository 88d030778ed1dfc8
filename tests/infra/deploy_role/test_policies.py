"""The policies of the deployment role, compared with AWS's quotas, grammar and CloudFormation's registry."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.engine.places import ROOT
from localcloud.aws.iam.patterns import matches_action
from localcloud.aws.specifications.tables import cfnlint
from stacks.settings import stack_names
from tests.support.stacks import whole_stack
from tests.support.worlds import recorded

FILES = (
    "cloudfront.json",
    "cluster.json",
    "data.json",
    "edge.json",
    "network.json",
    "not-rehearsed-data.json",
    "not-rehearsed.json",
)
FOLDER = ROOT / "infra" / "deploy_role"
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
POLICY_CHARACTERS = 6144
POLICIES_OF_A_ROLE = 10
# Pulumi's type -> CloudFormation's.
CLOUDFORMATION = {
    "aws:acm/certificate:Certificate": "AWS::CertificateManager::Certificate",
    "aws:acm/certificateValidation:CertificateValidation": "AWS::CertificateManager::Certificate",
    "aws:cloudfront/distribution:Distribution": "AWS::CloudFront::Distribution",
    "aws:cloudwatch/logDelivery:LogDelivery": "AWS::Logs::Delivery",
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": "AWS::Logs::DeliveryDestination",
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": "AWS::Logs::DeliverySource",
    "aws:cloudwatch/logGroup:LogGroup": "AWS::Logs::LogGroup",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "AWS::CloudWatch::Alarm",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "AWS::EC2::SecurityGroup",
    "aws:ec2/eip:Eip": "AWS::EC2::EIP",
    "aws:ec2/flowLog:FlowLog": "AWS::EC2::FlowLog",
    "aws:ec2/internetGateway:InternetGateway": "AWS::EC2::InternetGateway",
    "aws:ec2/natGateway:NatGateway": "AWS::EC2::NatGateway",
    "aws:ec2/route:Route": "AWS::EC2::Route",
    "aws:ec2/routeTable:RouteTable": "AWS::EC2::RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "AWS::EC2::SubnetRouteTableAssociation",
    "aws:ec2/securityGroup:SecurityGroup": "AWS::EC2::SecurityGroup",
    "aws:ec2/subnet:Subnet": "AWS::EC2::Subnet",
    "aws:ec2/vpc:Vpc": "AWS::EC2::VPC",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "AWS::EC2::VPCEndpoint",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": "AWS::ECR::Repository",
    "aws:ecr/repository:Repository": "AWS::ECR::Repository",
    "aws:eks/accessEntry:AccessEntry": "AWS::EKS::AccessEntry",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": "AWS::EKS::AccessEntry",
    "aws:eks/addon:Addon": "AWS::EKS::Addon",
    "aws:eks/cluster:Cluster": "AWS::EKS::Cluster",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": "AWS::EKS::PodIdentityAssociation",
    "aws:iam/role:Role": "AWS::IAM::Role",
    "aws:iam/rolePolicy:RolePolicy": "AWS::IAM::RolePolicy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "AWS::IAM::Role",
    "aws:kms/key:Key": "AWS::KMS::Key",
    "aws:lb/listener:Listener": "AWS::ElasticLoadBalancingV2::Listener",
    "aws:lb/listenerRule:ListenerRule": "AWS::ElasticLoadBalancingV2::ListenerRule",
    "aws:lb/loadBalancer:LoadBalancer": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "aws:lb/targetGroup:TargetGroup": "AWS::ElasticLoadBalancingV2::TargetGroup",
    "aws:rds/instance:Instance": "AWS::RDS::DBInstance",
    "aws:rds/parameterGroup:ParameterGroup": "AWS::RDS::DBParameterGroup",
    "aws:rds/subnetGroup:SubnetGroup": "AWS::RDS::DBSubnetGroup",
    "aws:route53/record:Record": "AWS::Route53::RecordSet",
    "aws:s3/bucket:Bucket": "AWS::S3::Bucket",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "AWS::S3::Bucket",
    "aws:s3/bucketPolicy:BucketPolicy": "AWS::S3::BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "AWS::S3::Bucket",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "AWS::S3::Bucket",
    "aws:s3/bucketVersioning:BucketVersioning": "AWS::S3::Bucket",
    "aws:secretsmanager/secret:Secret": "AWS::SecretsManager::Secret",
    "aws:secretsmanager/secretVersion:SecretVersion": "AWS::SecretsManager::Secret",
    "aws:sqs/queue:Queue": "AWS::SQS::Queue",
    "aws:sqs/queuePolicy:QueuePolicy": "AWS::SQS::QueuePolicy",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": "AWS::SQS::Queue",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "AWS::EC2::SecurityGroupEgress",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "AWS::EC2::SecurityGroupIngress",
    "aws:wafv2/webAcl:WebAcl": "AWS::WAFv2::WebACL",
    "aws:wafv2/webAclAssociation:WebAclAssociation": "AWS::WAFv2::WebACLAssociation",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": "AWS::WAFv2::LoggingConfiguration",
}
# Reason -> actions that CloudFormation needs for properties that the program does not use, or for its own work.
NOT_NEEDED: dict[str, tuple[str, ...]] = {
    "VPC features that are not used": (
        "ec2:*VpcEncryptionControl*",
        "ec2:ModifyVpcTenancy",
        "ec2:*SubnetCidrBlock",
        "ec2:*NatGatewayAddress",
        "ec2:AcceptAddressTransfer",
        "ec2:AssociateAddress",
        "vpc-lattice:*",
        "vpce:*",
    ),
    "a look for the tags of a Spot fleet": ("autoscaling:DescribeTags",),
    "an EKS that makes its own nodes, or has other certificates": (
        "iam:*InstanceProfile",
        "eks:ActivateCertificateAuthority",
    ),
    "log groups with data protection, indexes, deliveries or tokens": (
        "logs:*DataProtectionPolicy",
        "logs:*IndexPolic*",
        "logs:DeleteResourcePolicy",
        "logs:*BearerTokenAuthentication",
        "logs:*LogGroupDeletionProtection",
        "logs:*AssociateKmsKey",
        "logs:DisassociateKmsKey",
        "s3:REST.PUT.OBJECT",
        "firehose:TagDeliveryStream",
    ),
    "instances that are restored, replicated, in a cluster, or have roles": (
        "iam:ListRoles",
        "rds:*RoleToDBInstance",
        "rds:*RoleFromDBInstance",
        "rds:*ReadReplica",
        "rds:DescribeDBClusters",
        "rds:DescribeDBClusterSnapshots",
        "rds:RestoreDBInstance*",
        "rds:*DBInstanceAutomatedBackupsReplication",
    ),
    "a repository with a policy": ("ecr:SetRepositoryPolicy", "ecr:GetRepositoryPolicy", "ecr:DeleteRepositoryPolicy"),
    "secrets that are generated or replicated": (
        "secretsmanager:GetRandomPassword",
        "secretsmanager:ReplicateSecretToRegions",
        "secretsmanager:RemoveRegionsFromReplication",
    ),
    "bucket features that are not used": (
        "s3tables:*",
        "s3:*BucketAbac",
        "s3:*AnalyticsConfiguration",
        "s3:*InventoryConfiguration",
        "s3:*MetricsConfiguration",
        "s3:*IntelligentTieringConfiguration",
        "s3:*MetadataTableConfiguration",
        "s3:*Metadata*TableConfiguration",
        "s3:*BucketNotification",
        "s3:PutBucketCORS",
        "s3:PutBucketLogging",
        "s3:PutBucketWebsite",
        "s3:PutBucketReplication",
        "s3:PutReplicationConfiguration",
        "s3:PutAccelerateConfiguration",
        "s3:Put*ObjectLockConfiguration",
        "s3:PutBucketAcl",
        "s3:PutObjectAcl",
        "s3:DeleteBucketCors",
        "s3:DeleteBucketReplication",
        "s3:DeleteBucketWebsite",
    ),
    "load balancers with reserved capacity, addresses of their own, users to sign in, or targets to register": (
        "ec2:DescribeIpamPools",
        "elasticloadbalancing:ModifyCapacityReservation",
        "elasticloadbalancing:ModifyIpPools",
        "elasticloadbalancing:RegisterTargets",
        "elasticloadbalancing:DeregisterTargets",
        "cognito-idp:*",
    ),
    "certificates of a private authority, or with other options": ("acm-pca:*", "acm:UpdateCertificateOptions"),
    "web ACLs of other things than load balancers, or shared between accounts, or with other logs": (
        "amplify:*",
        "apigateway:*",
        "apprunner:*",
        "appsync:*",
        "bedrock-agentcore:*",
        "ec2:*VerifiedAccessInstance*",
        "elasticloadbalancing:*WebACLAssociation",
        "elasticloadbalancing:GetLoadBalancerWebACL",
        "firehose:ListDeliveryStreams",
        "iam:DescribeOrganization",
        "payments:GetConnectedAccount",
        "wafv2:PutPermissionPolicy",
    ),
    "distributions of several tenants, with origins in a VPC or on trial": (
        "cloudfront:*ConnectionGroup",
        "cloudfront:GetVpcOrigin",
        "cloudfront:UpdateDistributionWithStagingConfig",
    ),
    "logs of other services than CloudFront, or for other accounts": (
        "autoloop:*",
        "codewhisperer:*",
        "workmail:*",
        "logs:AllowVendedLogDeliveryForResource",
        "logs:*DeliveryDestinationPolicy",
    ),
    "names of requests, which are no actions": (
        "cloudfront:CreateDistributionWithTags",
        "s3:DeleteBucketEncryption",
        "s3:DeleteBucketLifecycle",
    ),
}


def documents() -> dict[str, Any]:
    return {path.name: json.loads(path.read_text()) for path in FOLDER.glob("*.json")}


def granted() -> Iterator[str]:
    for document in documents().values():
        for statement in document["Statement"]:
            yield from statement["Action"]


def types() -> set[str]:
    """Return the AWS resource types of all stacks, and of one with CloudFront."""
    edge = {"domain": "api.example.com", "scheme": "internet-facing", "cloudfront": {}}
    fronted = recorded({"region": "eu-central-1", "edge": edge}).recording
    stacks = (fronted, *(whole_stack(name) for name in stack_names(ROOT)))
    return {resource.type for stack in stacks for resource in stack.resources.values() if resource.type[:4] == "aws:"}


def test_each_file_fits_a_managed_policy() -> None:
    """IAM has quotas for the size without white space, and for the number of policies of a role."""
    assert sorted(documents()) == list(FILES)
    assert len(FILES) <= POLICIES_OF_A_ROLE
    for name in FILES:
        size = len("".join((FOLDER / name).read_text().split()))
        assert size <= POLICY_CHARACTERS, f"{name}: join statements of a similar purpose, or move a topic to a new file"


@pytest.mark.parametrize("name", FILES)
def test_statements_name_actions_one_by_one(name: str) -> None:
    """Actions are sorted, allowed, without wildcards and documented by AWS, and only one file grants each."""
    reference = cfnlint("AdditionalSpecs", "Policies.json")
    for statement in documents()[name]["Statement"]:
        assert set(statement) <= {"Sid", "Effect", "Action", "Resource", "Condition"}
        assert statement["Effect"] == "Allow"
        assert statement["Action"] == sorted(set(statement["Action"]))
        for action in statement["Action"]:
            service, _, verb = action.partition(":")
            assert verb.lower() in reference[service]["Actions"], action
    everything = list(granted())
    assert sorted(everything) == sorted(set(everything))


def test_iam_is_granted_for_the_roles_of_the_program_only() -> None:
    """Actions of IAM are granted for these roles only, and not for all roles."""
    named = {
        resource
        for document in documents().values()
        for statement in document["Statement"]
        if any(action.startswith("iam:") for action in statement["Action"])
        for resource in ([statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"])
    }

    assert named == {
        "arn:aws:iam::*:role/cluster-control-plane-*",
        "arn:aws:iam::*:role/cluster-node-*",
        "arn:aws:iam::*:role/app-secrets-reader-*",
        "arn:aws:iam::*:role/migration-reader-*",
        "arn:aws:iam::*:role/pod-logs-writer-*",
        "arn:aws:iam::*:role/service-*-reader-*",
        "arn:aws:iam::*:role/aws-service-role/*",
    }


def test_grants_the_permissions_of_each_resource_type() -> None:
    """They are those that the CloudFormation registry lists for creating, reading, updating and deleting the type."""
    registry = cfnlint("schemas", "providers", "us-east-1.json")
    may = set(granted())
    spared = [pattern for patterns in NOT_NEEDED.values() for pattern in patterns]
    lacking: dict[str, set[str]] = {}
    for type_ in types():
        handlers = cfnlint("schemas", "resources", f"{registry[CLOUDFORMATION[type_]]}.json").get("handlers", {})
        for kind, handler in handlers.items():
            for action in handler["permissions"] if kind != "list" else ():
                if action not in may and not any(matches_action(pattern, action) for pattern in spared):
                    lacking.setdefault(action, set()).add(f"{type_} {kind}")

    assert lacking == {}


def test_grants_no_permission_from_the_list_of_exceptions() -> None:
    """An action that is listed as not needed is not granted."""
    spared = [pattern for patterns in NOT_NEEDED.values() for pattern in patterns]

    assert [action for action in granted() if any(matches_action(pattern, action) for pattern in spared)] == []
