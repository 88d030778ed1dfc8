"""How AWS charges for each resource type of the stacks.

A type is in exactly one of PRICED, BY_USE and FREE. A type that is in none of them is listed as not priced, and so is
an item of a type in PRICED that the price book does not have. Sources: the pricing page of each service,
https://aws.amazon.com/pricing/.
"""

from collections.abc import Mapping

CLUSTER = "aws:eks/cluster:Cluster"
DATABASE = "aws:rds/instance:Instance"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"

PRICED: Mapping[str, str] = {
    CLUSTER: "extended support, after the standard support of the version ends",
    DATABASE: "backups beyond the size of the database; CPU credits of the classes db.t4g",
    NODE_POOL: "nodes during a rollout or a replacement; traffic between zones and to the internet",
    "aws:ec2/natGateway:NatGateway": "GB of traffic",
    "aws:ec2/eip:Eip": "",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "GB of traffic through an interface endpoint",
    "aws:lb/loadBalancer:LoadBalancer": "capacity units (LCU) of traffic",
    "aws:wafv2/webAcl:WebAcl": "requests",
    "aws:kms/key:Key": "requests; older key material that rotation keeps, 1 USD a month for each of the first two",
    "aws:secretsmanager/secret:Secret": "requests",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "",
    "kubernetes:core/v1:Service": "",
}
"""Type that is charged by the month or hour -> what is charged by use in addition."""

BY_USE: Mapping[str, str] = {
    "aws:cloudfront/distribution:Distribution": "requests, and GB to the internet",
    "aws:cloudwatch/logDelivery:LogDelivery": "GB written",
    "aws:cloudwatch/logGroup:LogGroup": "GB written, and GB kept",
    "aws:ec2/flowLog:FlowLog": "GB written",
    "aws:ecr/repository:Repository": "GB of images kept",
    "aws:route53/record:Record": "queries, except those of aliases of AWS resources",
    "aws:s3/bucket:Bucket": "GB kept, and requests",
    "aws:sqs/queue:Queue": "requests",
}
"""Type without a fixed charge -> what is charged."""

FREE: Mapping[str, tuple[str, ...]] = {
    "no charge of its own": (
        "aws:acm/certificate:Certificate",  # public certificates: https://aws.amazon.com/certificate-manager/pricing/
        "aws:acm/certificateValidation:CertificateValidation",
        "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
        "aws:cloudwatch/logDeliverySource:LogDeliverySource",
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "aws:ec2/internetGateway:InternetGateway",
        "aws:ec2/route:Route",
        "aws:ec2/routeTable:RouteTable",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/vpc:Vpc",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
        "aws:eks/accessEntry:AccessEntry",
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        "aws:eks/addon:Addon",
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "aws:iam/policy:Policy",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:kms/alias:Alias",
        "aws:lb/listener:Listener",
        "aws:lb/listenerRule:ListenerRule",
        "aws:lb/targetGroup:TargetGroup",
        "aws:rds/parameterGroup:ParameterGroup",
        "aws:rds/subnetGroup:SubnetGroup",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:secretsmanager/secretVersion:SecretVersion",
        "aws:sqs/queuePolicy:QueuePolicy",
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "aws:wafv2/webAclAssociation:WebAclAssociation",
        "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
    ),
    "an object in the cluster; its pods are part of the nodes": (
        AUTOSCALER,
        DEPLOYMENT,
        "kubernetes:batch/v1:Job",
        "kubernetes:core/v1:ConfigMap",
        "kubernetes:core/v1:Namespace",
        "kubernetes:core/v1:ServiceAccount",
        "kubernetes:eks.amazonaws.com/v1:NodeClass",
        "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy",
        "kubernetes:policy/v1:PodDisruptionBudget",
        "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass",
    ),
    "not a resource of the cloud": (
        "docker-build:index:Image",
        "random:index/randomId:RandomId",
        "random:index/randomPassword:RandomPassword",
    ),
}
"""Reason -> types that cost nothing."""
