"""Every resource type of the platform is created, read, changed outside of Pulumi, updated and deleted with moto."""

import json
from typing import Any

import pytest

from localcloud.aws.account import Account
from localcloud.aws.catalog import resource_types
from localcloud.aws.provider import AwsProvider
from localcloud.aws.server import AwsServer
from localcloud.protocol.servicer import ProviderError
from tests.localcloud.aws.conftest import (
    ACCOUNT_ID,
    DATABASE_ENDPOINT,
    KUBE,
    REGION,
    Databases,
    Made,
    Stack,
)
from tests.localcloud.aws.platform import READ, TRUST, make_platform

SEND = READ.replace('"Action"', '"Principal": "*", "Action"').replace("s3:GetObject", "sqs:SendMessage")


@pytest.fixture(scope="module")
def databases() -> Databases:
    return Databases()


@pytest.fixture(scope="module")
def provider(module_server: AwsServer, databases: Databases) -> AwsProvider:
    provider = AwsProvider(
        ACCOUNT_ID, REGION, module_server.endpoint, module_server.journal, databases, application=module_server.answer
    )
    provider.configure({"region": REGION, "defaultTags": '{"tags": {"Environment": "test"}}'})
    return provider


@pytest.fixture(scope="module")
def made(provider: AwsProvider) -> dict[str, Made]:
    return make_platform(Stack(provider))


@pytest.fixture(scope="module")
def aws(module_server: AwsServer) -> Account:
    return Account(ACCOUNT_ID, REGION, module_server.endpoint)


def test_the_platform_has_every_type(made: dict[str, Made]) -> None:
    """Thus every stand-in is tested."""
    assert {resource.target.type for resource in made.values()} == set(resource_types())


def test_a_refresh_finds_no_drift(made: dict[str, Made]) -> None:
    """Created resources are read back with their inputs, although moto omits some."""
    assert {key: changed for key, resource in made.items() if (changed := resource.refresh())} == {}


def test_a_second_refresh_returns_the_same_outputs(made: dict[str, Made]) -> None:
    """Outputs do not change without an update."""
    first = {key: resource.outputs for key, resource in made.items() if not resource.refresh()}
    second = {key: resource.outputs for key, resource in made.items() if not resource.refresh()}

    assert second == first


def test_equal_inputs_are_no_change(made: dict[str, Made]) -> None:
    """A deployment with the same inputs changes nothing."""
    assert {key: changed for key, resource in made.items() if (changed := resource.diff().changed)} == {}


def test_all_taggable_resources_have_the_default_tags(made: dict[str, Made]) -> None:
    """They are merged with the tags of the resource."""
    assert made["vpc"].outputs["tagsAll"] == {"Environment": "test", "Name": "net"}
    untagged = [
        key
        for key, resource in made.items()
        if resource_types()[resource.target.type].tagging and "Environment" not in resource.outputs["tagsAll"]
    ]
    assert untagged == []


def test_outputs_have_the_values_that_others_refer_to(made: dict[str, Made]) -> None:
    """ARNs, addresses and endpoints have Pulumi's names."""
    assert made["vpc"].outputs["arn"] == f"arn:aws:ec2:{REGION}:{ACCOUNT_ID}:vpc/{made['vpc'].id}"
    assert made["vpc"].outputs["defaultSecurityGroupId"] == made["closed"].id
    assert made["address"].outputs["allocationId"] == made["address"].id
    assert made["role"].outputs["arn"].endswith(f":role/{made['role'].id}")
    assert made["key"].outputs["arn"].endswith(made["key"].id)
    assert made["log-group"].outputs["arn"].endswith(":log-group:/aws/eks/platform/cluster")
    assert made["repository"].outputs["repositoryUrl"] == f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com/platform"
    assert made["bucket"].outputs["arn"] == f"arn:aws:s3:::{made['bucket'].id}"
    assert made["version"].outputs["arn"] == made["secret"].outputs["arn"]


def test_the_cluster_has_the_endpoint_of_the_local_api_server(made: dict[str, Made], aws: Account) -> None:
    """Outputs and the API of EKS agree on the endpoint, and on properties that moto does not have."""
    outputs = made["cluster"].outputs
    told = aws.call("eks", "DescribeCluster", name="platform")["cluster"]

    assert (outputs["endpoint"], outputs["certificateAuthority"]["data"]) == KUBE
    assert (told["endpoint"], told["certificateAuthority"]["data"]) == KUBE
    assert told["computeConfig"]["enabled"] is True
    assert told["accessConfig"]["authenticationMode"] == "API"
    assert outputs["vpcConfig"]["vpcId"] == made["vpc"].id
    group = outputs["vpcConfig"]["clusterSecurityGroupId"]
    (described,) = aws.call("ec2", "DescribeSecurityGroups", GroupIds=[group])["SecurityGroups"]
    assert described["VpcId"] == made["vpc"].id
    # EKS tags the security group, and does not copy the tags of the cluster.
    assert outputs["tagsAll"].keys().isdisjoint(each["Key"] for each in described["Tags"])
    assert {each["Key"]: each["Value"] for each in described["Tags"]} == {
        "Name": described["GroupName"],
        "kubernetes.io/cluster/platform": "owned",
        "aws:eks:cluster-name": "platform",
    }


def test_recorded_parts_of_the_cluster_are_in_the_api(made: dict[str, Made], aws: Account) -> None:
    """Resources that moto lacks are returned in the form of AWS."""
    assert aws.call("eks", "ListAddons", clusterName="platform")["addons"] == ["metrics-server"]
    entries = aws.call("eks", "ListAccessEntries", clusterName="platform")["accessEntries"]
    assert entries == [made["role"].outputs["arn"]]
    pods = aws.call("eks", "ListPodIdentityAssociations", clusterName="platform")["associations"]
    assert [pod["serviceAccount"] for pod in pods] == ["app"]


def test_the_instance_has_the_endpoint_of_the_local_database(
    made: dict[str, Made], aws: Account, databases: Databases
) -> None:
    """The endpoint exists, the requested port is no drift, and storage is reported as encrypted."""
    outputs = made["instance"].outputs
    told = aws.call("rds", "DescribeDBInstances", DBInstanceIdentifier="platform")["DBInstances"][0]

    assert (outputs["address"], outputs["port"]) == DATABASE_ENDPOINT
    assert told["Endpoint"]["Port"] == DATABASE_ENDPOINT[1]
    assert told["StorageEncrypted"] is True
    assert databases.passwords["platform"] == "first-password"


def drift_rule(aws: Account, made: dict[str, Made]) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv4": "0.0.0.0/0"}
    rules = [{"SecurityGroupRuleId": made["rule"].id, "SecurityGroupRule": rule}]
    aws.call("ec2", "ModifySecurityGroupRules", GroupId=made["group"].id, SecurityGroupRules=rules)


def drift_default_group(aws: Account, made: dict[str, Made]) -> None:
    opened = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    aws.call("ec2", "AuthorizeSecurityGroupIngress", GroupId=made["closed"].id, IpPermissions=opened)


DRIFTS: list[tuple[str, list[str], Any]] = [
    ("rule", ["cidrIpv4"], drift_rule),
    ("closed", ["ingress"], drift_default_group),
    (
        "vpc",
        ["tags"],
        lambda aws, made: aws.call("ec2", "CreateTags", Resources=[made["vpc"].id], Tags=[{"Key": "x", "Value": "y"}]),
    ),
    (
        "BucketVersioning",
        ["versioningConfiguration"],
        lambda aws, made: aws.call(
            "s3", "PutBucketVersioning", Bucket=made["bucket"].id, VersioningConfiguration={"Status": "Suspended"}
        ),
    ),
    (
        "BucketPublicAccessBlock",
        ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"],
        lambda aws, made: aws.call(
            "s3",
            "PutPublicAccessBlock",
            Bucket=made["bucket"].id,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": False,
                "BlockPublicPolicy": False,
                "IgnorePublicAcls": False,
                "RestrictPublicBuckets": False,
            },
        ),
    ),
    (
        "log-group",
        ["retentionInDays"],
        lambda aws, made: aws.call("logs", "DeleteRetentionPolicy", logGroupName=made["log-group"].id),
    ),
    ("key", ["enableKeyRotation"], lambda aws, made: aws.call("kms", "DisableKeyRotation", KeyId=made["key"].id)),
    (
        "instance",
        ["instanceClass"],
        lambda aws, made: aws.call(
            "rds", "ModifyDBInstance", DBInstanceIdentifier="platform", DBInstanceClass="db.t4g.large"
        ),
    ),
    (
        "role",
        ["assumeRolePolicy"],
        lambda aws, made: aws.call(
            "iam", "UpdateAssumeRolePolicy", RoleName=made["role"].id, PolicyDocument=TRUST.replace("eks", "ec2")
        ),
    ),
    (
        "repository",
        ["imageTagMutability"],
        lambda aws, made: aws.call(
            "ecr", "PutImageTagMutability", repositoryName="platform", imageTagMutability="MUTABLE"
        ),
    ),
    (
        "route",
        ["gatewayId"],
        lambda aws, made: aws.call(
            "ec2",
            "ReplaceRoute",
            RouteTableId=made["table"].id,
            DestinationCidrBlock="0.0.0.0/0",
            NatGatewayId=made["nat"].id,
        ),
    ),
    (
        "cluster",
        ["vpcConfig"],
        lambda aws, made: aws.call(
            "eks", "UpdateClusterConfig", name="platform", resourcesVpcConfig={"endpointPublicAccess": True}
        ),
    ),
    (
        "queue",
        ["visibilityTimeoutSeconds"],
        lambda aws, made: aws.call(
            "sqs", "SetQueueAttributes", QueueUrl=made["queue"].id, Attributes={"VisibilityTimeout": "5"}
        ),
    ),
    (
        "dead-letters",
        ["kmsMasterKeyId"],
        lambda aws, made: aws.call(
            "sqs", "SetQueueAttributes", QueueUrl=made["dead-letters"].id, Attributes={"KmsMasterKeyId": ""}
        ),
    ),
    (
        "queue-policy",
        ["policy"],
        lambda aws, made: aws.call(
            "sqs",
            "SetQueueAttributes",
            QueueUrl=made["queue"].id,
            Attributes={"Policy": made["queue-policy"].inputs["policy"].replace("sqs:*", "sqs:SendMessage")},
        ),
    ),
    (
        "parameters",
        ["parameters"],
        lambda aws, made: aws.call(
            "rds",
            "ModifyDBParameterGroup",
            DBParameterGroupName=made["parameters"].id,
            Parameters=[{"ParameterName": "max_connections", "ParameterValue": "9", "ApplyMethod": "pending-reboot"}],
        ),
    ),
]


@pytest.mark.parametrize(("key", "expected", "change"), DRIFTS, ids=[drift[0] for drift in DRIFTS])
def test_a_change_outside_of_pulumi_is_drift_and_an_update_reverts_it(
    made: dict[str, Made], aws: Account, key: str, expected: list[str], change: Any
) -> None:
    """A refresh names the property, and an update restores the program's inputs."""
    resource = made[key]
    program = dict(resource.inputs)
    change(aws, made)

    assert resource.refresh() == expected
    resource.update(**{"tags": None, **program})
    assert resource.refresh() == []
    assert {name: resource.inputs.get(name) for name in expected} == {name: program.get(name) for name in expected}


def test_a_resource_deleted_outside_of_pulumi_is_missing(
    made: dict[str, Made], aws: Account, provider: AwsProvider
) -> None:
    """Reading it returns None, and a deletion is no error."""
    stack = Stack(provider)
    bucket = stack.create("aws:s3/bucket:Bucket", "lost")
    rule = stack.create(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "lost",
        securityGroupId=made["group"].id,
        cidrIpv4="10.9.0.0/16",
        ipProtocol="tcp",
        fromPort=1,
        toPort=1,
    )
    key = stack.create("aws:kms/key:Key", "lost")
    role = stack.create("aws:iam/role:Role", "lost", assumeRolePolicy=TRUST)
    principal = role.outputs["arn"]
    entry = stack.create("aws:eks/accessEntry:AccessEntry", "lost", clusterName="platform", principalArn=principal)
    aws.call("s3", "DeleteBucket", Bucket=bucket.id)
    aws.call("ec2", "RevokeSecurityGroupIngress", GroupId=made["group"].id, SecurityGroupRuleIds=[rule.id])
    aws.call("kms", "ScheduleKeyDeletion", KeyId=key.id)
    aws.call("eks", "DeleteAccessEntry", clusterName="platform", principalArn=principal)

    assert [bucket.is_gone(), rule.is_gone(), key.is_gone(), entry.is_gone()] == [True, True, True, True]
    bucket.delete()
    rule.delete()
    entry.delete()
    role.delete()


def test_a_change_of_tags_keeps_other_outputs_known(made: dict[str, Made]) -> None:
    """With an unknown output, the plan would replace resources that refer to it, although `up` would not."""
    tagged = [each for each in made.values() if resource_types()[each.target.type].tagging]
    assert len(tagged) > 15
    for resource in tagged:
        resource.refresh()
        resource.update_as_planned(tags={**(resource.inputs.get("tags") or {}), "CostCenter": "42"})


UPDATES: list[tuple[str, dict[str, Any]]] = [
    ("vpc", {"enableDnsHostnames": False, "tags": {"Name": "renamed"}}),
    ("subnet-a", {"mapPublicIpOnLaunch": True}),
    ("rule", {"toPort": 444, "description": "more"}),
    ("ecr", {"privateDnsEnabled": False}),
    ("role", {"description": "changed", "maxSessionDuration": 7200}),
    ("inline", {"policy": READ.replace("GetObject", "PutObject")}),
    ("policy", {"policy": READ.replace("GetObject", "PutObject")}),
    ("key", {"description": "changed", "tags": {"a": "b"}}),
    ("log-group", {"retentionInDays": 90}),
    ("cluster", {"enabledClusterLogTypes": ["api"], "version": "1.36"}),
    ("addon", {"addonVersion": "v0.9.0-eksbuild.1", "tags": {"a": "b"}}),
    ("entry", {"kubernetesGroups": ["viewers"]}),
    ("instance", {"allocatedStorage": 30, "password": "second-password", "multiAz": False}),
    ("parameters", {"parameters": [{"name": "rds.force_ssl", "value": "1"}]}),
    ("repository", {"imageScanningConfiguration": {"scanOnPush": False}}),
    ("secret", {"description": "changed", "tags": {"a": "b"}}),
    ("bucket", {"tags": {"a": "b"}}),
    ("BucketVersioning", {"versioningConfiguration": {"status": "Suspended"}}),
    ("queue", {"receiveWaitTimeSeconds": 10, "tags": {"a": "b"}}),
    ("group", {"tags": {"a": "b"}, "ingress": [{"protocol": "tcp", "fromPort": 1, "toPort": 2, "self": True}]}),
]


@pytest.mark.parametrize(("key", "changes"), UPDATES, ids=[update[0] for update in UPDATES])
def test_an_update_is_made_in_place(made: dict[str, Made], key: str, changes: dict[str, Any]) -> None:
    """The resource is read back with the change and the same id."""
    resource = made[key]
    resource.refresh()  # other resources may have changed it, such as the rules of a security group
    assert resource.diff(**changes).replaces == []

    resource.update_as_planned(**changes)

    assert resource.refresh() == []
    assert {name: resource.inputs[name] for name in changes} == changes


def test_a_preview_knows_unchanged_outputs_of_a_block(made: dict[str, Made]) -> None:
    """The cluster's security group is in a block whose other properties the program sets."""
    cluster = made["cluster"]
    group = cluster.outputs["vpcConfig"]["clusterSecurityGroupId"]
    wanted = cluster.inputs | {"vpcConfig": {**cluster.inputs["vpcConfig"], "endpointPublicAccess": True}}
    planned = cluster.provider.update(cluster.target, cluster.id, cluster.inputs, cluster.outputs, wanted, preview=True)

    assert planned["vpcConfig"]["clusterSecurityGroupId"] == group
    assert planned["vpcConfig"]["endpointPublicAccess"] is True


def test_a_new_password_is_set_in_the_database(made: dict[str, Made], databases: Databases) -> None:
    """RDS changes the password of the role, and the output has the given value."""
    made["instance"].update(password="third-password")

    assert databases.passwords["platform"] == "third-password"
    assert made["instance"].outputs["password"] == "third-password"


def test_a_protected_instance_is_not_deleted(made: dict[str, Made], databases: Databases) -> None:
    """The message has the setting that disables the deletion protection."""
    made["instance"].update(deletionProtection=True)

    with pytest.raises(ProviderError, match=r"disable deletion protection.*; at deletionProtection;"):
        made["instance"].delete()

    assert "platform" in databases.passwords
    made["instance"].update(deletionProtection=False)


def test_an_instance_needs_a_name_for_its_final_snapshot(made: dict[str, Made]) -> None:
    """Without a name, and without skipping the snapshot, the deletion is refused."""
    made["instance"].update(skipFinalSnapshot=False)

    with pytest.raises(ProviderError, match="finalSnapshotIdentifier, or skipFinalSnapshot"):
        made["instance"].delete()


def test_an_update_of_a_queue_keeps_policies_of_other_resources(made: dict[str, Made], aws: Account) -> None:
    """It is encrypted with its key, not by SQS."""
    made["dead-letters"].update(messageRetentionSeconds=600_000)
    made["queue"].update(messageRetentionSeconds=600_000)

    def told(key: str) -> dict[str, str]:
        return aws.call("sqs", "GetQueueAttributes", QueueUrl=made[key].id, AttributeNames=["All"])["Attributes"]

    allowed = json.loads(told("dead-letters")["RedriveAllowPolicy"])
    assert allowed["sourceQueueArns"] == [made["queue"].outputs["arn"]]
    assert "sqs:*" in told("queue")["Policy"]
    assert told("queue")["SqsManagedSseEnabled"] == "false"


def test_a_queue_is_deleted_with_its_policy(provider: AwsProvider, aws: Account) -> None:
    """A second deletion is no error."""
    stack = Stack(provider)
    queue = stack.create("aws:sqs/queue:Queue", "lost")
    policy = stack.create("aws:sqs/queuePolicy:QueuePolicy", "lost", queueUrl=queue.id, policy=SEND)
    policy.delete()
    assert policy.is_gone()
    aws.call("sqs", "DeleteQueue", QueueUrl=queue.id)

    assert [queue.is_gone(), policy.is_gone()] == [True, True]
    queue.delete()


def test_a_refusal_has_the_resource_the_code_and_a_remedy(provider: AwsProvider) -> None:
    """The message has the error of AWS."""
    stack = Stack(provider)
    stack.create("aws:iam/role:Role", "twice", name="twice", assumeRolePolicy=TRUST)

    with pytest.raises(
        ProviderError, match=r"aws:iam/role:Role twice: CreateRole .*EntityAlreadyExists.*choose another"
    ):
        stack.create("aws:iam/role:Role", "twice", name="twice", assumeRolePolicy=TRUST)


def test_a_new_secret_version_is_the_current_one(made: dict[str, Made], provider: AwsProvider, aws: Account) -> None:
    """After the deletion of the old version, the new one is still current."""
    old = made["version"]
    new = Stack(provider).create(
        "aws:secretsmanager/secretVersion:SecretVersion",
        "version",
        secretId=made["secret"].id,
        secretString='{"password": "second"}',
    )
    old.delete()

    current = aws.call("secretsmanager", "GetSecretValue", SecretId=made["secret"].id)["SecretString"]
    assert json.loads(current) == {"password": "second"}
    assert new.refresh() == []
