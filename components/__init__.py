"""The building blocks of an environment. Each module has one component and its args."""

from components._lean_sdk import lean

# What the components are made of. A name that is missing here is imported when it is first used, and costs time there.
lean("pulumi_aws.acm", "Certificate", "CertificateValidation")
lean("pulumi_aws.cloudwatch", "LogGroup", "MetricAlarm")
lean(
    "pulumi_aws.ec2",
    "DefaultSecurityGroup",
    "Eip",
    "FlowLog",
    "InternetGateway",
    "NatGateway",
    "Route",
    "RouteTable",
    "RouteTableAssociation",
    "SecurityGroup",
    "Subnet",
    "Vpc",
    "VpcEndpoint",
)
lean("pulumi_aws.ecr", "LifecyclePolicy", "Repository", "get_authorization_token_output")
lean("pulumi_aws.eks", "AccessEntry", "AccessPolicyAssociation", "Addon", "Cluster", "PodIdentityAssociation")
lean("pulumi_aws.iam", "Role", "RolePolicy", "RolePolicyAttachment")
lean("pulumi_aws.kms", "Key")
lean("pulumi_aws.lb", "Listener", "ListenerRule", "LoadBalancer", "TargetGroup")
lean("pulumi_aws.rds", "Instance", "ParameterGroup", "SubnetGroup")
lean("pulumi_aws.route53", "Record", "get_zone_output")
lean(
    "pulumi_aws.s3",
    "Bucket",
    "BucketLifecycleConfiguration",
    "BucketPolicy",
    "BucketPublicAccessBlock",
    "BucketServerSideEncryptionConfiguration",
    "BucketVersioning",
)
lean("pulumi_aws.secretsmanager", "Secret", "SecretVersion", "get_secrets_output")
lean("pulumi_aws.sqs", "Queue", "QueuePolicy", "RedriveAllowPolicy")
lean("pulumi_aws.vpc", "SecurityGroupEgressRule", "SecurityGroupIngressRule")
lean("pulumi_kubernetes.apiextensions", "CustomResource")
lean("pulumi_kubernetes.apps.v1", "Deployment")
lean("pulumi_kubernetes.autoscaling.v2", "HorizontalPodAutoscaler")
lean("pulumi_kubernetes.batch.v1", "Job")
lean("pulumi_kubernetes.core.v1", "ConfigMap", "Namespace", "Service", "ServiceAccount")
lean("pulumi_kubernetes.networking.v1", "NetworkPolicy")
lean("pulumi_kubernetes.policy.v1", "PodDisruptionBudget")
