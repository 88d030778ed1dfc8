"""Rows for IAM, KMS, EKS and CloudWatch Logs."""

from collections.abc import Callable, Mapping

from tests.localcloud.aws.updates.row import TRUST, Row, World, document

ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
VIEW = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"


def role(world: World) -> Row:
    return Row(
        base={"assumeRolePolicy": TRUST % "eks"},
        changes={
            "assumeRolePolicy": [TRUST % "ec2", TRUST % "pods.eks"],
            "description": ["first", "second"],
            "maxSessionDuration": [7200, 10800],
            "permissionsBoundary": [
                "arn:aws:iam::aws:policy/ReadOnlyAccess",
                "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
            ],
            "forceDetachPolicies": [True, False],
        },
        replaces={"path": "/other/", "name": "other"},
        untold=frozenset({"forceDetachPolicies"}),
    )


def role_policy(world: World) -> Row:
    return Row(
        base={"role": world.roles[0].id, "policy": document("s3:GetObject")},
        changes={"policy": [document("s3:PutObject"), document("s3:ListBucket")]},
        replaces={"role": world.roles[1].id, "name": "other"},
    )


def attachment(world: World) -> Row:
    return Row(
        base={"role": world.roles[1].id, "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
        replaces={"role": world.roles[2].id, "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
    )


def policy(world: World) -> Row:
    actions = ("s3:PutObject", "s3:ListBucket", "s3:GetBucket*", "sqs:*", "kms:*", "ec2:Describe*")
    return Row(
        base={"policy": document("s3:GetObject"), "description": "first"},
        changes={"policy": [document(action) for action in actions]},
        replaces={"path": "/other/", "description": "second", "name": "other"},
    )


def oidc(world: World) -> Row:
    return Row(
        base={"url": "https://row.example.com", "clientIdLists": ["sts.amazonaws.com"]},
        changes={"thumbprintLists": [["a" * 40], ["b" * 40, "c" * 40]]},
        replaces={"url": "https://other.example.com", "clientIdLists": ["other"]},
    )


def key(world: World) -> Row:
    return Row(
        base={"description": "first", "enableKeyRotation": True, "deletionWindowInDays": 30},
        changes={
            "description": ["second", "third"],
            "rotationPeriodInDays": [180, 200],
            "enableKeyRotation": [False, True],
            "isEnabled": [False, True],
            "deletionWindowInDays": [7, 10],
            "policy": [document("kms:*", "*"), document("kms:Put*", "*")],
        },
        replaces={"customerMasterKeySpec": "RSA_2048", "keyUsage": "SIGN_VERIFY", "multiRegion": True},
        kept=frozenset({"policy"}),
        untold=frozenset({"deletionWindowInDays"}),
    )


def alias(world: World) -> Row:
    ids = [each.id for each in world.keys]
    return Row(
        base={"name": "alias/row", "targetKeyId": ids[0]},
        changes={"targetKeyId": [ids[1], ids[2]]},
        replaces={"name": "alias/other"},
    )


def log_group(world: World) -> Row:
    first, second, _ = world.arns(world.keys)
    return Row(
        base={"name": "/row", "retentionInDays": 30},
        changes={
            "retentionInDays": [365, 7, 0],
            "kmsKeyId": [first, second],
            "skipDestroy": [True, False],
        },
        replaces={"name": "/other", "logGroupClass": "INFREQUENT_ACCESS"},
        untold=frozenset({"skipDestroy"}),
    )


def alarm(_world: World) -> Row:
    first, second = (f"arn:aws:sns:eu-central-1:123456789012:{name}" for name in ("first", "second"))
    return Row(
        base={
            "name": "row",
            "alarmDescription": "Something is wrong.",
            "namespace": "AWS/SQS",
            "metricName": "NumberOfMessagesSent",
            "dimensions": {"QueueName": "jobs"},
            "statistic": "Sum",
            "comparisonOperator": "GreaterThanThreshold",
            "threshold": 1,
            "period": 60,
            "evaluationPeriods": 3,
            "datapointsToAlarm": 2,
            "treatMissingData": "notBreaching",
            "actionsEnabled": True,
            "alarmActions": [first],
            "okActions": [first],
            "insufficientDataActions": [first],
            "unit": "Count",
        },
        changes={
            "alarmDescription": ["Another thing is.", "A third."],
            "namespace": ["AWS/RDS", "AWS/EC2"],
            "metricName": ["NumberOfMessagesDeleted", "SentMessageSize"],
            "dimensions": [{"QueueName": "others"}, {"QueueName": "a", "Other": "b"}],
            "statistic": ["Maximum", "Average"],
            "comparisonOperator": ["LessThanThreshold", "GreaterThanOrEqualToThreshold"],
            "threshold": [0, 2.5],
            "period": [300, 10],
            "evaluationPeriods": [4, 5],
            "datapointsToAlarm": [1, 3],
            "treatMissingData": ["breaching", "missing"],
            "actionsEnabled": [False, True],
            "alarmActions": [[first, second], []],
            "okActions": [[second], []],
            "insufficientDataActions": [[second], []],
            "unit": ["Seconds", "Bytes"],
        },
        replaces={"name": "other"},
    )


def percentile(world: World) -> Row:
    base = {**alarm(world).base, "name": "percentile", "extendedStatistic": "p99"}
    del base["statistic"]
    return Row(base=base, changes={"extendedStatistic": ["p90", "p99.9"]})


def cluster(world: World) -> Row:
    role, other, _ = world.arns(world.roles)
    first, second, third = world.subnet_ids
    network = {"subnetIds": [first, second], "endpointPrivateAccess": True, "endpointPublicAccess": False}
    public = {**network, "endpointPublicAccess": True, "publicAccessCidrs": ["81.2.69.0/24"]}
    auto = {"enabled": True, "nodePools": ["general-purpose"], "nodeRoleArn": role}
    services = {"serviceIpv4Cidr": "10.100.0.0/16", "elasticLoadBalancing": {"enabled": True}}
    key = world.arns(world.keys)[0]
    return Row(
        base={
            "name": "row",
            "version": "1.33",
            "roleArn": role,
            "bootstrapSelfManagedAddons": False,
            "accessConfig": {
                "authenticationMode": "API_AND_CONFIG_MAP",
                "bootstrapClusterCreatorAdminPermissions": False,
            },
            "computeConfig": auto,
            "storageConfig": {"blockStorage": {"enabled": True}},
            "kubernetesNetworkConfig": services,
            "encryptionConfig": {"provider": {"keyArn": key}, "resources": ["secrets"]},
            "upgradePolicy": {"supportType": "STANDARD"},
            "vpcConfig": network,
            "enabledClusterLogTypes": ["api"],
            "deletionProtection": False,
        },
        changes={
            "vpcConfig": [
                public,
                {**public, "publicAccessCidrs": ["81.2.70.0/24"]},
                {**network, "subnetIds": [second, third]},
            ],
            "enabledClusterLogTypes": [["api", "audit"], ["scheduler"], []],
            "computeConfig": [{**auto, "nodePools": ["general-purpose", "system"]}, {**auto, "nodePools": ["system"]}],
            "upgradePolicy": [{"supportType": "EXTENDED"}, {"supportType": "STANDARD"}],
            "zonalShiftConfig": [{"enabled": True}, {"enabled": False}],
            "deletionProtection": [True, False],
        },
        together=[
            {
                "computeConfig": {"enabled": on},
                "storageConfig": {"blockStorage": {"enabled": on}},
                "kubernetesNetworkConfig": {**services, "elasticLoadBalancing": {"enabled": on}},
            }
            for on in (False, True)
        ],
        one_way={
            "version": ["1.34", "1.35"],
            "accessConfig": [{"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}],
        },
        kept=frozenset({"zonalShiftConfig"}),
        replaces={
            "name": "other",
            "roleArn": other,
            "bootstrapSelfManagedAddons": True,
            "kubernetesNetworkConfig": {**services, "serviceIpv4Cidr": "10.101.0.0/16"},
            "encryptionConfig": {"provider": {"keyArn": world.arns(world.keys)[1]}, "resources": ["secrets"]},
            "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": True},
        },
    )


def access_entry(world: World) -> Row:
    return Row(
        base={"clusterName": "cluster", "principalArn": world.arns(world.roles)[2]},
        changes={"kubernetesGroups": [["viewers"], ["viewers", "editors"]], "userName": ["first", "second"]},
        replaces={"clusterName": "other", "principalArn": world.principal, "type": "EC2_LINUX"},
        kept=frozenset({"kubernetesGroups", "userName"}),
    )


def access_policy(world: World) -> Row:
    return Row(
        base={
            "clusterName": "cluster",
            "principalArn": world.principal,
            "policyArn": ADMIN,
            "accessScope": {"type": "cluster"},
        },
        replaces={
            "clusterName": "other",
            "principalArn": "arn:aws:iam::123456789012:role/other",
            "policyArn": VIEW,
            "accessScope": {"type": "namespace", "namespaces": ["a"]},
        },
    )


def addon(world: World) -> Row:
    roles = world.arns(world.roles)
    return Row(
        base={"clusterName": "cluster", "addonName": "metrics-server", "addonVersion": "v0.8.0-eksbuild.1"},
        changes={
            "addonVersion": ["v0.8.0-eksbuild.2", "v0.8.1-eksbuild.1"],
            "configurationValues": ['{"replicas": 1}', '{"replicas": 2}'],
            "serviceAccountRoleArn": [roles[0], roles[1]],
            "resolveConflictsOnCreate": ["OVERWRITE", "NONE"],
            "resolveConflictsOnUpdate": ["PRESERVE", "OVERWRITE"],
            "preserve": [True, False],
        },
        replaces={"clusterName": "other", "addonName": "coredns"},
        kept=frozenset({"configurationValues", "serviceAccountRoleArn"}),
        untold=frozenset({"resolveConflictsOnCreate", "resolveConflictsOnUpdate", "preserve"}),
    )


def pod_identity(world: World) -> Row:
    roles = world.arns(world.roles)
    return Row(
        base={"clusterName": "cluster", "namespace": "app", "serviceAccount": "app", "roleArn": roles[0]},
        changes={
            "roleArn": [roles[1], roles[2]],
            "targetRoleArn": [roles[1], roles[2]],
            "disableSessionTags": [True, False],
        },
        replaces={"clusterName": "other", "namespace": "other", "serviceAccount": "other"},
        kept=frozenset({"targetRoleArn", "disableSessionTags"}),
    )


ROWS: Mapping[str, Mapping[str, Callable[[World], Row]]] = {
    "aws:eks/cluster:Cluster": {"": cluster},
    "aws:eks/accessEntry:AccessEntry": {"": access_entry},
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {"": access_policy},
    "aws:eks/addon:Addon": {"": addon},
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": {"": pod_identity},
    "aws:iam/role:Role": {"": role},
    "aws:iam/rolePolicy:RolePolicy": {"": role_policy},
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {"": attachment},
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {"": oidc},
    "aws:iam/policy:Policy": {"": policy},
    "aws:kms/key:Key": {"": key},
    "aws:kms/alias:Alias": {"": alias},
    "aws:cloudwatch/logGroup:LogGroup": {"": log_group},
    "aws:cloudwatch/metricAlarm:MetricAlarm": {"": alarm, "percentile": percentile},
}
