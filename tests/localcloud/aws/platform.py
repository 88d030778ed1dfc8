"""All AWS resources of the platform, with inputs like those of the components."""

import json
from typing import Any

from tests.localcloud.aws.conftest import Made, Stack
from tests.localcloud.aws.platform_edge import make_cloudfront, make_edge

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": ["ec2.amazonaws.com", "eks.amazonaws.com", "pods.eks.amazonaws.com"]},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
            }
        ],
    }
)
READ = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
)


def make_network(stack: Stack) -> dict[str, Made]:
    """Create a VPC with a public and a private subnet, a NAT gateway, endpoints and flow logs."""
    made: dict[str, Made] = {}

    def make(key: str, type_: str, /, **inputs: Any) -> Made:
        made[key] = stack.create(type_, key, **inputs)
        return made[key]

    vpc = make("vpc", "aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16", enableDnsHostnames=True, tags={"Name": "net"})
    make("closed", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", vpcId=vpc.id, ingress=[], egress=[])
    gateway = make("gateway", "aws:ec2/internetGateway:InternetGateway", vpcId=vpc.id)
    table = make("table", "aws:ec2/routeTable:RouteTable", vpcId=vpc.id)
    make(
        "route",
        "aws:ec2/route:Route",
        routeTableId=table.id,
        destinationCidrBlock="0.0.0.0/0",
        gatewayId=gateway.id,
    )
    subnets = [
        make(
            f"subnet-{zone}",
            "aws:ec2/subnet:Subnet",
            vpcId=vpc.id,
            cidrBlock=f"10.0.{i}.0/24",
            availabilityZone=f"eu-central-1{zone}",
            mapPublicIpOnLaunch=False,
        )
        for i, zone in enumerate("ab")
    ]
    make(
        "association",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        subnetId=subnets[0].id,
        routeTableId=table.id,
    )
    address = make("address", "aws:ec2/eip:Eip", domain="vpc")
    make("nat", "aws:ec2/natGateway:NatGateway", allocationId=address.id, subnetId=subnets[0].id)
    group = make("group", "aws:ec2/securityGroup:SecurityGroup", vpcId=vpc.id, description="HTTPS from inside")
    make(
        "rule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        securityGroupId=group.id,
        cidrIpv4="10.0.0.0/16",
        ipProtocol="tcp",
        fromPort=443,
        toPort=443,
        description="HTTPS",
    )
    make(
        "egress",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        securityGroupId=group.id,
        cidrIpv4="0.0.0.0/0",
        ipProtocol="-1",
    )
    make(
        "s3",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        vpcId=vpc.id,
        serviceName="com.amazonaws.eu-central-1.s3",
        vpcEndpointType="Gateway",
        routeTableIds=[table.id],
    )
    make(
        "ecr",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        vpcId=vpc.id,
        serviceName="com.amazonaws.eu-central-1.ecr.api",
        vpcEndpointType="Interface",
        privateDnsEnabled=True,
        subnetIds=[subnet.id for subnet in subnets],
        securityGroupIds=[group.id],
    )
    return made


def make_bucket(stack: Stack) -> dict[str, Made]:
    """Create a private bucket with all its settings."""
    bucket = stack.create("aws:s3/bucket:Bucket", "logs", forceDestroy=True)
    made = {"bucket": bucket}
    only_by_tls = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket.outputs["arn"], f"{bucket.outputs['arn']}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    settings: dict[str, dict[str, Any]] = {
        "BucketVersioning": {"versioningConfiguration": {"status": "Enabled"}},
        "BucketServerSideEncryptionConfiguration": {
            "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]
        },
        "BucketPublicAccessBlock": {
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
        "BucketLifecycleConfiguration": {
            "rules": [
                {
                    "id": "expire",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"days": 30},
                    "noncurrentVersionExpiration": {"noncurrentDays": 30},
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                }
            ]
        },
        "BucketOwnershipControls": {"rule": {"objectOwnership": "BucketOwnerEnforced"}},
        "BucketPolicy": {"policy": json.dumps({"Version": "2012-10-17", "Statement": [only_by_tls]})},
    }
    for name, inputs in settings.items():
        token = f"aws:s3/{name[0].lower()}{name[1:]}:{name}"
        made[name] = stack.create(token, "logs", bucket=bucket.id, **inputs)
    return made


def make_cluster(stack: Stack, subnet_ids: list[str]) -> dict[str, Made]:
    """Create an Auto Mode cluster with an access entry, an add-on and a Pod Identity association."""
    made: dict[str, Made] = {}

    def make(key: str, type_: str, /, **inputs: Any) -> Made:
        made[key] = stack.create(type_, key, **inputs)
        return made[key]

    key = make("key", "aws:kms/key:Key", description="secrets", enableKeyRotation=True, deletionWindowInDays=30)
    make("alias", "aws:kms/alias:Alias", targetKeyId=key.id)
    make("log-group", "aws:cloudwatch/logGroup:LogGroup", name="/aws/eks/platform/cluster", retentionInDays=30)
    role = make("role", "aws:iam/role:Role", assumeRolePolicy=TRUST)
    make(
        "attachment",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        role=role.id,
        policyArn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
    )
    make("inline", "aws:iam/rolePolicy:RolePolicy", role=role.id, policy=READ)
    oidc = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
    make("oidc", oidc, url="https://token.example.com", clientIdLists=["sts.amazonaws.com"])
    make("policy", "aws:iam/policy:Policy", policy=READ, description="reads")
    cluster = make(
        "cluster",
        "aws:eks/cluster:Cluster",
        name="platform",
        version="1.35",
        roleArn=role.outputs["arn"],
        bootstrapSelfManagedAddons=False,
        deletionProtection=True,
        enabledClusterLogTypes=["api", "audit"],
        accessConfig={"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
        computeConfig={
            "enabled": True,
            "nodePools": ["general-purpose", "system"],
            "nodeRoleArn": role.outputs["arn"],
        },
        storageConfig={"blockStorage": {"enabled": True}},
        kubernetesNetworkConfig={"serviceIpv4Cidr": "10.100.0.0/16", "elasticLoadBalancing": {"enabled": True}},
        encryptionConfig={"provider": {"keyArn": key.outputs["arn"]}, "resources": ["secrets"]},
        upgradePolicy={"supportType": "STANDARD"},
        vpcConfig={
            "subnetIds": subnet_ids,
            "endpointPrivateAccess": True,
            "endpointPublicAccess": False,
            "publicAccessCidrs": [],
        },
    )
    principal = role.outputs["arn"]
    make("entry", "aws:eks/accessEntry:AccessEntry", clusterName=cluster.id, principalArn=principal)
    make(
        "access",
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        clusterName=cluster.id,
        principalArn=principal,
        policyArn="arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        accessScope={"type": "cluster"},
    )
    make(
        "addon",
        "aws:eks/addon:Addon",
        clusterName=cluster.id,
        addonName="metrics-server",
        addonVersion="v0.8.0-eksbuild.1",
        resolveConflictsOnCreate="OVERWRITE",
        resolveConflictsOnUpdate="PRESERVE",
    )
    make(
        "pods",
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        clusterName=cluster.id,
        namespace="app",
        serviceAccount="app",
        roleArn=role.outputs["arn"],
    )
    return made


def make_data(stack: Stack, subnet_ids: list[str], group_id: str, key_arn: str) -> dict[str, Made]:
    """Create a database, a repository and a secret."""
    made: dict[str, Made] = {}

    def make(key: str, type_: str, /, **inputs: Any) -> Made:
        made[key] = stack.create(type_, key, **inputs)
        return made[key]

    subnets = make("subnets", "aws:rds/subnetGroup:SubnetGroup", subnetIds=subnet_ids)
    parameters = make(
        "parameters",
        "aws:rds/parameterGroup:ParameterGroup",
        family="postgres18",
        parameters=[
            {"name": "rds.force_ssl", "value": "1"},
            {"name": "max_connections", "value": "400", "applyMethod": "pending-reboot"},
        ],
    )
    make(
        "instance",
        "aws:rds/instance:Instance",
        identifier="platform",
        engine="postgres",
        engineVersion="18.1",
        autoMinorVersionUpgrade=False,
        instanceClass="db.t4g.small",
        dbName="app",
        username="app",
        password="first-password",
        port=5432,
        allocatedStorage=20,
        maxAllocatedStorage=100,
        storageType="gp3",
        storageEncrypted=True,
        kmsKeyId=key_arn,
        multiAz=True,
        dbSubnetGroupName=subnets.outputs["name"],
        vpcSecurityGroupIds=[group_id],
        publiclyAccessible=False,
        parameterGroupName=parameters.outputs["name"],
        caCertIdentifier="rds-ca-rsa2048-g1",
        backupRetentionPeriod=7,
        backupWindow="02:00-03:00",
        maintenanceWindow="sun:03:30-sun:04:30",
        copyTagsToSnapshot=True,
        deleteAutomatedBackups=True,
        skipFinalSnapshot=True,
        deletionProtection=False,
        performanceInsightsEnabled=True,
        performanceInsightsKmsKeyId=key_arn,
        performanceInsightsRetentionPeriod=7,
        enabledCloudwatchLogsExports=["postgresql", "upgrade"],
    )
    repository = make(
        "repository",
        "aws:ecr/repository:Repository",
        name="platform",
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
        encryptionConfigurations=[{"encryptionType": "KMS", "kmsKey": key_arn}],
        forceDelete=True,
    )
    expire = {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 5},
                "action": {"type": "expire"},
            }
        ]
    }
    make("lifecycle", "aws:ecr/lifecyclePolicy:LifecyclePolicy", repository=repository.id, policy=json.dumps(expire))
    make(
        "pull",
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
        repository=repository.id,
        policy=READ.replace('"Action"', '"Principal": "*", "Action"').replace("s3:GetObject", "ecr:BatchGetImage"),
    )
    secret = make(
        "secret",
        "aws:secretsmanager/secret:Secret",
        description="credentials",
        kmsKeyId=key_arn,
        recoveryWindowInDays=7,
    )
    make(
        "version",
        "aws:secretsmanager/secretVersion:SecretVersion",
        secretId=secret.id,
        secretString='{"password": "first"}',
    )
    return made


def make_queues(stack: Stack, key_arn: str) -> dict[str, Made]:
    """Create a queue, its dead-letter queue, and their policies."""
    dead = stack.create(
        "aws:sqs/queue:Queue", "dead", kmsMasterKeyId=key_arn, messageRetentionSeconds=1_209_600, tags={"a": "b"}
    )
    redrive = {"deadLetterTargetArn": dead.outputs["arn"], "maxReceiveCount": 5}
    queue = stack.create(
        "aws:sqs/queue:Queue",
        "jobs",
        kmsMasterKeyId=key_arn,
        receiveWaitTimeSeconds=20,
        visibilityTimeoutSeconds=60,
        redrivePolicy=json.dumps(redrive),
    )
    allowed = {"redrivePermission": "byQueue", "sourceQueueArns": [queue.outputs["arn"]]}
    allow = stack.create(
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        "dead",
        queueUrl=dead.id,
        redriveAllowPolicy=json.dumps(allowed),
    )
    refuse = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": queue.outputs["arn"]}
    policy = stack.create(
        "aws:sqs/queuePolicy:QueuePolicy",
        "jobs",
        queueUrl=queue.id,
        policy=json.dumps({"Version": "2012-10-17", "Statement": [refuse]}),
    )
    return {"dead-letters": dead, "queue": queue, "redrive-allow": allow, "queue-policy": policy}


def make_platform(stack: Stack) -> dict[str, Made]:
    """Create all resources, in the order of an engine."""
    network = make_network(stack)
    bucket = make_bucket(stack)
    network["flow-log"] = stack.create(
        "aws:ec2/flowLog:FlowLog",
        "flows",
        vpcId=network["vpc"].id,
        trafficType="ALL",
        logDestinationType="s3",
        logDestination=bucket["bucket"].outputs["arn"],
        maxAggregationInterval=60,
    )
    subnet_ids = [network["subnet-a"].id, network["subnet-b"].id]
    cluster = make_cluster(stack, subnet_ids)
    data = make_data(stack, subnet_ids, network["group"].id, cluster["key"].outputs["arn"])
    queues = make_queues(stack, cluster["key"].outputs["arn"])
    edge = make_edge(stack, network["vpc"].id, subnet_ids, network["group"].id)
    cloudfront = make_cloudfront(stack, edge["balancer"].outputs["dnsName"], bucket["bucket"].outputs["arn"])
    alarm = stack.create(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "old-jobs",
        namespace="AWS/SQS",
        metricName="ApproximateAgeOfOldestMessage",
        dimensions={"QueueName": "jobs"},
        statistic="Maximum",
        comparisonOperator="GreaterThanThreshold",
        threshold=600,
        period=60,
        evaluationPeriods=5,
    )
    return network | bucket | cluster | data | queues | edge | cloudfront | {"alarm": alarm}


def delete_platform(made: dict[str, Made]) -> None:
    """Delete all resources, in the order of an engine."""
    made["cluster"].update(deletionProtection=False)
    for resource in reversed(list(made.values())):
        resource.delete()
