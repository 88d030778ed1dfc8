"""CloudFormation's names of Pulumi's types and properties, where they differ in more than upper and lower case."""

from collections.abc import Mapping

_S3 = "AWS::S3::Bucket"
TYPES: Mapping[str, str] = {
    "aws:ec2/vpc:Vpc": "AWS::EC2::VPC",
    "aws:ec2/subnet:Subnet": "AWS::EC2::Subnet",
    "aws:ec2/internetGateway:InternetGateway": "AWS::EC2::InternetGateway",
    "aws:ec2/eip:Eip": "AWS::EC2::EIP",
    "aws:ec2/natGateway:NatGateway": "AWS::EC2::NatGateway",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "AWS::EC2::VPCEndpoint",
    "aws:ec2/flowLog:FlowLog": "AWS::EC2::FlowLog",
    "aws:ec2/routeTable:RouteTable": "AWS::EC2::RouteTable",
    "aws:ec2/route:Route": "AWS::EC2::Route",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "AWS::EC2::SubnetRouteTableAssociation",
    "aws:ec2/securityGroup:SecurityGroup": "AWS::EC2::SecurityGroup",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "AWS::EC2::SecurityGroupIngress",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "AWS::EC2::SecurityGroupEgress",
    "aws:eks/cluster:Cluster": "AWS::EKS::Cluster",
    "aws:eks/accessEntry:AccessEntry": "AWS::EKS::AccessEntry",
    "aws:eks/addon:Addon": "AWS::EKS::Addon",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": "AWS::EKS::PodIdentityAssociation",
    "aws:iam/role:Role": "AWS::IAM::Role",
    "aws:iam/rolePolicy:RolePolicy": "AWS::IAM::RolePolicy",
    "aws:iam/policy:Policy": "AWS::IAM::ManagedPolicy",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "AWS::IAM::OIDCProvider",
    "aws:kms/key:Key": "AWS::KMS::Key",
    "aws:kms/alias:Alias": "AWS::KMS::Alias",
    "aws:cloudwatch/logGroup:LogGroup": "AWS::Logs::LogGroup",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "AWS::CloudWatch::Alarm",
    "aws:rds/instance:Instance": "AWS::RDS::DBInstance",
    "aws:rds/subnetGroup:SubnetGroup": "AWS::RDS::DBSubnetGroup",
    "aws:rds/parameterGroup:ParameterGroup": "AWS::RDS::DBParameterGroup",
    "aws:ecr/repository:Repository": "AWS::ECR::Repository",
    "aws:secretsmanager/secret:Secret": "AWS::SecretsManager::Secret",
    "aws:s3/bucket:Bucket": _S3,
    "aws:s3/bucketVersioning:BucketVersioning": _S3,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": f"{_S3}.BucketEncryption",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": f"{_S3}.PublicAccessBlockConfiguration",
    "aws:s3/bucketPolicy:BucketPolicy": "AWS::S3::BucketPolicy",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": f"{_S3}.LifecycleConfiguration",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": f"{_S3}.OwnershipControls",
    "aws:sqs/queue:Queue": "AWS::SQS::Queue",
    "aws:acm/certificate:Certificate": "AWS::CertificateManager::Certificate",
    "aws:lb/loadBalancer:LoadBalancer": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "aws:lb/listener:Listener": "AWS::ElasticLoadBalancingV2::Listener",
    "aws:lb/listenerRule:ListenerRule": "AWS::ElasticLoadBalancingV2::ListenerRule",
    "aws:lb/targetGroup:TargetGroup": "AWS::ElasticLoadBalancingV2::TargetGroup",
    "aws:route53/record:Record": "AWS::Route53::RecordSet",
    "aws:wafv2/webAcl:WebAcl": "AWS::WAFv2::WebACL",
    "aws:wafv2/webAclAssociation:WebAclAssociation": "AWS::WAFv2::WebACLAssociation",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": "AWS::WAFv2::LoggingConfiguration",
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": "AWS::Logs::DeliverySource",
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": "AWS::Logs::DeliveryDestination",
    "aws:cloudwatch/logDelivery:LogDelivery": "AWS::Logs::Delivery",
}
"""Pulumi's type -> CloudFormation's type, optionally with the block of it that the Pulumi type configures.

A Pulumi type that is not in this table has no CloudFormation type.
"""

RENAMES: Mapping[str, Mapping[str, str]] = {
    "aws:ec2/natGateway:NatGateway": {"privateIp": "PrivateIpAddress"},
    "aws:ec2/route:Route": {"egressOnlyGatewayId": "EgressOnlyInternetGatewayId"},
    "aws:ec2/securityGroup:SecurityGroup": {
        "description": "GroupDescription",
        "ingress": "SecurityGroupIngress",
        "egress": "SecurityGroupEgress",
        "protocol": "IpProtocol",
    },
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
        "cidrIpv4": "CidrIp",
        "securityGroupId": "GroupId",
        "prefixListId": "SourcePrefixListId",
        "referencedSecurityGroupId": "SourceSecurityGroupId",
    },
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
        "cidrIpv4": "CidrIp",
        "securityGroupId": "GroupId",
        "prefixListId": "DestinationPrefixListId",
        "referencedSecurityGroupId": "DestinationSecurityGroupId",
    },
    "aws:eks/addon:Addon": {"resolveConflictsOnCreate": "ResolveConflicts", "preserve": "PreserveOnDelete"},
    "aws:iam/rolePolicy:RolePolicy": {"role": "RoleName", "name": "PolicyName", "policy": "PolicyDocument"},
    "aws:iam/policy:Policy": {"name": "ManagedPolicyName"},
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
        "clientIdLists": "ClientIdList",
        "thumbprintLists": "ThumbprintList",
    },
    "aws:kms/key:Key": {
        "deletionWindowInDays": "PendingWindowInDays",
        "isEnabled": "Enabled",
        "policy": "KeyPolicy",
    },
    "aws:kms/alias:Alias": {"name": "AliasName"},
    "aws:rds/instance:Instance": {
        "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
        "vpcSecurityGroupIds": "VPCSecurityGroups",
    },
    "aws:rds/parameterGroup:ParameterGroup": {"family": "Family"},
    "aws:ecr/repository:Repository": {
        "forceDelete": "EmptyOnDelete",
        "filter": "ImageTagMutabilityExclusionFilterValue",
        "filterType": "ImageTagMutabilityExclusionFilterType",
    },
    "aws:s3/bucket:Bucket": {"bucket": "BucketName", "bucketPrefix": "BucketNamePrefix"},
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
        "rules": "ServerSideEncryptionConfiguration",
        "applyServerSideEncryptionByDefault": "ServerSideEncryptionByDefault",
        "kmsMasterKeyId": "KMSMasterKeyID",
    },
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {"rule": "Rules"},
    "aws:sqs/queue:Queue": {
        "maxMessageSize": "MaximumMessageSize",
        "messageRetentionSeconds": "MessageRetentionPeriod",
        "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
        "visibilityTimeoutSeconds": "VisibilityTimeout",
    },
}
"""Pulumi's type -> Pulumi's name of a property at any depth -> CloudFormation's name, if the API uses another name."""
