"""The resources of the provider SDKs that the components name, by package. Written by `make docs`."""

RESOURCES = {
    "pulumi_aws.acm": (
        "Certificate",
        "CertificateValidation",
    ),
    "pulumi_aws.cloudwatch": (
        "LogGroup",
        "MetricAlarm",
    ),
    "pulumi_aws.ec2": (
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
    ),
    "pulumi_aws.ecr": (
        "LifecyclePolicy",
        "Repository",
        "get_authorization_token_output",
    ),
    "pulumi_aws.eks": (
        "AccessEntry",
        "AccessPolicyAssociation",
        "Addon",
        "Cluster",
        "PodIdentityAssociation",
    ),
    "pulumi_aws.iam": (
        "Role",
        "RolePolicy",
        "RolePolicyAttachment",
    ),
    "pulumi_aws.kms": ("Key",),
    "pulumi_aws.lb": (
        "Listener",
        "ListenerRule",
        "LoadBalancer",
        "TargetGroup",
    ),
    "pulumi_aws.rds": (
        "Instance",
        "ParameterGroup",
        "SubnetGroup",
    ),
    "pulumi_aws.route53": (
        "Record",
        "get_zone_output",
    ),
    "pulumi_aws.s3": (
        "Bucket",
        "BucketLifecycleConfiguration",
        "BucketPolicy",
        "BucketPublicAccessBlock",
        "BucketServerSideEncryptionConfiguration",
        "BucketVersioning",
    ),
    "pulumi_aws.secretsmanager": (
        "Secret",
        "SecretVersion",
        "get_secrets_output",
    ),
    "pulumi_aws.sqs": (
        "Queue",
        "QueuePolicy",
        "RedriveAllowPolicy",
    ),
    "pulumi_aws.vpc": (
        "SecurityGroupEgressRule",
        "SecurityGroupIngressRule",
    ),
    "pulumi_kubernetes.apiextensions": ("CustomResource",),
    "pulumi_kubernetes.apps.v1": ("Deployment",),
    "pulumi_kubernetes.autoscaling.v2": ("HorizontalPodAutoscaler",),
    "pulumi_kubernetes.batch.v1": ("Job",),
    "pulumi_kubernetes.core.v1": (
        "ConfigMap",
        "Namespace",
        "Service",
        "ServiceAccount",
    ),
    "pulumi_kubernetes.networking.v1": ("NetworkPolicy",),
    "pulumi_kubernetes.policy.v1": ("PodDisruptionBudget",),
}
