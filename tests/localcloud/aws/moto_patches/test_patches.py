"""Each patch of moto works and is still needed: the same steps succeed with it and fail without it."""

import importlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import moto
import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import rsa
from moto import backends, mock_aws
from moto.core import responses, serialize
from moto.iam.models import IAMBackend
from moto.iam.responses import IamResponse
from moto.sts.models import sts_backends

from localcloud.aws import moto_patches
from localcloud.aws.moto_patches.patch import Changes, Patch
from localcloud.aws.target_health import health
from localcloud.errors import CloudError

REGION = "eu-central-1"
FOLDER = Path(moto_patches.__file__).parent
LOGINS: list[dict[str, str]] = []
PLACES = moto_patches.Places(
    kube=("https://127.0.0.1:6443", "Q0E="), database=("127.0.0.1", 5433), set_master_login=LOGINS.append
)


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION, aws_access_key_id="a", aws_secret_access_key="a")  # type: ignore[call-overload]


def network() -> tuple[Any, str, list[str]]:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
            "SubnetId"
        ]
        for i, zone in enumerate("abc")
    ]
    return ec2, vpc, subnets


def interfaces(ec2: Any, vpc: str) -> set[str]:
    found = ec2.describe_network_interfaces(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkInterfaces"]
    return {each["SubnetId"] for each in found}


def acm_key_algorithm() -> None:
    acm = client("acm")
    made = acm.request_certificate(DomainName="a.example.org", ValidationMethod="DNS", KeyAlgorithm="EC_prime256v1")
    told = acm.describe_certificate(CertificateArn=made["CertificateArn"])["Certificate"]
    assert told["KeyAlgorithm"] == "EC_prime256v1"


def acm_validation() -> None:
    acm, route53 = client("acm"), client("route53")
    arn = acm.request_certificate(DomainName="a.example.org", ValidationMethod="DNS")["CertificateArn"]

    def status() -> tuple[str, dict[str, str]]:
        told = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        return told["Status"], told["DomainValidationOptions"][0]["ResourceRecord"]

    before, record = status()
    zone = route53.create_hosted_zone(Name="example.org", CallerReference="a")["HostedZone"]["Id"]
    wanted = {"Name": record["Name"], "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": record["Value"]}]}
    changes = [{"Action": "CREATE", "ResourceRecordSet": wanted}]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    assert (before, status()[0]) == ("PENDING_VALIDATION", "ISSUED")


def ec2_endpoint_addresses() -> None:
    ec2, vpc, subnets = network()
    name = f"com.amazonaws.{REGION}.sqs"
    made = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=name, VpcEndpointType="Interface", SubnetIds=subnets[:1], IpAddressType="ipv4"
    )["VpcEndpoint"]
    ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], IpAddressType="dualstack")
    told = ec2.describe_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])["VpcEndpoints"][0]
    assert (made["IpAddressType"], told["IpAddressType"]) == ("ipv4", "dualstack")


def ec2_endpoint_dns() -> None:
    ec2, vpc, subnets = network()
    name = f"com.amazonaws.{REGION}.sqs"
    made = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=name, VpcEndpointType="Interface", SubnetIds=subnets[:1], PrivateDnsEnabled=True
    )
    id_ = made["VpcEndpoint"]["VpcEndpointId"]
    ec2.modify_vpc_endpoint(VpcEndpointId=id_, PrivateDnsEnabled=False)
    assert ec2.describe_vpc_endpoints(VpcEndpointIds=[id_])["VpcEndpoints"][0]["PrivateDnsEnabled"] is False


def ec2_endpoint_members() -> None:
    ec2, vpc, subnets = network()
    made = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.sqs", VpcEndpointType="Interface", SubnetIds=subnets[:1]
    )
    id_ = made["VpcEndpoint"]["VpcEndpointId"]
    ec2.modify_vpc_endpoint(VpcEndpointId=id_, AddSubnetIds=subnets[1:], RemoveSubnetIds=subnets[:1])
    assert interfaces(ec2, vpc) == set(subnets[1:])
    ec2.delete_vpc_endpoints(VpcEndpointIds=[id_])
    ec2.delete_vpc_endpoints(VpcEndpointIds=[id_])
    assert interfaces(ec2, vpc) == set()


def ec2_flow_log_options() -> None:
    ec2, vpc, _ = network()
    client("s3").create_bucket(Bucket="flow", CreateBucketConfiguration={"LocationConstraint": REGION})
    options = {"FileFormat": "parquet", "HiveCompatiblePartitions": True, "PerHourPartition": False}
    ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination="arn:aws:s3:::flow",
        DestinationOptions=options,
    )
    assert ec2.describe_flow_logs()["FlowLogs"][0]["DestinationOptions"] == options


def ec2_nat_interface() -> None:
    ec2, vpc, subnets = network()
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
    assert interfaces(ec2, vpc) == {subnets[0]}
    ec2.delete_nat_gateway(NatGatewayId=nat)
    assert interfaces(ec2, vpc) == set()
    assert "AssociationId" not in ec2.describe_addresses(AllocationIds=[address])["Addresses"][0]
    ec2.release_address(AllocationId=address)


def ec2_prefix_lists() -> None:
    ec2 = client("ec2")
    name = "com.amazonaws.global.cloudfront.origin-facing"
    asked = [{"Name": "prefix-list-name", "Values": [name]}]
    [found] = ec2.describe_managed_prefix_lists(Filters=asked)["PrefixLists"]
    assert (found["PrefixListId"], found["OwnerId"]) == ("pl-a3a144ca", "AWS")
    assert ec2.get_managed_prefix_list_entries(PrefixListId="pl-a3a144ca")["Entries"]


def ec2_rule_sources() -> None:
    ec2, vpc, _ = network()
    groups = [ec2.create_security_group(GroupName=n, Description=n, VpcId=vpc)["GroupId"] for n in ("a", "b", "c")]
    pair = {"GroupId": groups[1], "Description": "first"}
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [pair]}
    made = ec2.authorize_security_group_ingress(GroupId=groups[0], IpPermissions=[permission])
    id_ = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "ReferencedGroupId": groups[2], "Description": "second"}
    ec2.modify_security_group_rules(
        GroupId=groups[0], SecurityGroupRules=[{"SecurityGroupRuleId": id_, "SecurityGroupRule": rule}]
    )
    told = ec2.describe_security_group_rules(SecurityGroupRuleIds=[id_])["SecurityGroupRules"][0]
    assert (told["ReferencedGroupInfo"]["GroupId"], told["Description"]) == (groups[2], "second")
    prefixes = [{"PrefixListId": "pl-1", "Description": "first"}]
    permission = {"IpProtocol": "tcp", "FromPort": 2, "ToPort": 2, "PrefixListIds": prefixes}
    made = ec2.authorize_security_group_egress(GroupId=groups[0], IpPermissions=[permission])
    id_ = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    assert told_rule(ec2, id_) == "first"
    rule = {"IpProtocol": "tcp", "FromPort": 2, "ToPort": 2, "PrefixListId": "pl-1", "Description": "second"}
    ec2.modify_security_group_rules(
        GroupId=groups[0], SecurityGroupRules=[{"SecurityGroupRuleId": id_, "SecurityGroupRule": rule}]
    )
    assert told_rule(ec2, id_) == "second"


def told_rule(ec2: Any, id_: str) -> str:
    return str(ec2.describe_security_group_rules(SecurityGroupRuleIds=[id_])["SecurityGroupRules"][0]["Description"])


def cluster() -> Any:
    _, _, subnets = network()
    eks = client("eks")
    eks.create_cluster(
        name="c",
        roleArn="arn:aws:iam::123456789012:role/eks",
        resourcesVpcConfig={"subnetIds": subnets[:2]},
        accessConfig={"authenticationMode": "API"},
    )
    return eks


def eks_cluster() -> None:
    eks = cluster()
    told = eks.describe_cluster(name="c")["cluster"]
    assert told["endpoint"] == PLACES.kube[0]
    assert told["accessConfig"]["authenticationMode"] == "API"
    assert told["resourcesVpcConfig"]["clusterSecurityGroupId"].startswith("sg-")


def eks_parts() -> None:
    eks = cluster()
    eks.create_addon(clusterName="c", addonName="metrics-server", tags={"a": "1", "b": "2"})
    arn = eks.describe_addon(clusterName="c", addonName="metrics-server")["addon"]["addonArn"]
    own = rf"arn:aws:eks:{REGION}:123456789012"
    uuid = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    assert re.fullmatch(rf"{own}:addon/c/metrics-server/{uuid}", arn)
    role = "arn:aws:iam::123456789012:role/ops/admin"
    entry = eks.create_access_entry(clusterName="c", principalArn=role)["accessEntry"]["accessEntryArn"]
    assert re.fullmatch(rf"{own}:access-entry/c/role/123456789012/admin/{uuid}", entry)
    made = eks.create_pod_identity_association(clusterName="c", namespace="n", serviceAccount="s", roleArn=role)
    told = made["association"]
    assert told["associationArn"] == f"{own}:podidentityassociation/c/{told['associationId']}"
    eks.untag_resource(resourceArn=arn, tagKeys=["a", "b"])
    assert eks.describe_addon(clusterName="c", addonName="metrics-server")["addon"]["tags"] == {}


def elbv2_alpn() -> None:
    elb, certificate = client("elbv2"), client("acm").request_certificate(DomainName="a.example.org")["CertificateArn"]
    _, vpc, subnets = network()
    balancer = elb.create_load_balancer(Name="n", Type="network", Subnets=subnets)["LoadBalancers"][0]
    target = elb.create_target_group(Name="t", Protocol="TCP", Port=80, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
    secure = {
        "Protocol": "TLS",
        "Certificates": [{"CertificateArn": certificate}],
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": target}],
    }
    arn = elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Port=443, AlpnPolicy=["None"], **secure)
    id_ = arn["Listeners"][0]["ListenerArn"]
    elb.modify_listener(ListenerArn=id_, AlpnPolicy=["HTTP2Only"], **secure)
    told = elb.describe_listeners(ListenerArns=[id_])["Listeners"][0]
    assert (told["Protocol"], told["AlpnPolicy"]) == ("TLS", ["HTTP2Only"])


def elbv2_delay() -> None:
    elb, arn = client("elbv2"), target_group()
    delay = {"Key": "deregistration_delay.timeout_seconds", "Value": "3600"}
    elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[delay])
    assert delay in elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]


def elbv2_grpc_codes() -> None:
    elb, arn = client("elbv2"), target_group(ProtocolVersion="GRPC", Matcher={"GrpcCode": "0"})
    elb.modify_target_group(TargetGroupArn=arn, Matcher={"GrpcCode": "0-5"})
    told = elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]
    assert told["Matcher"] == {"GrpcCode": "0-5"}


def elbv2_ssl_policies() -> None:
    name = "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04"
    told = client("elbv2").describe_ssl_policies(Names=[name])["SslPolicies"]
    assert [each["Name"] for each in told] == [name]


def target_group(**more: Any) -> str:
    _, vpc, _ = network()
    made = client("elbv2").create_target_group(Name="a", Protocol="HTTP", Port=80, VpcId=vpc, **more)
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def elbv2_target_health() -> None:
    _, vpc, _ = network()
    elb = client("elbv2")
    group = elb.create_target_group(Name="a", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")["TargetGroups"][0]
    arn = group["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": f"10.0.0.{n}", "Port": 8080} for n in (1, 2, 3)])
    elb.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": "10.0.0.3", "Port": 8080}])
    failed = {"state": "unhealthy", "reason": "Target.Timeout", "description": "Request timed out"}
    drains = {"state": "draining", "reason": "Target.DeregistrationInProgress"}
    reported = [{"id": "10.0.0.1", "port": 8080, **failed}, {"id": "10.0.0.3", "port": 8080, **drains}]
    health[arn] = reported
    found = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    assert {each["Target"]["Id"]: each["TargetHealth"]["State"] for each in found} == {
        "10.0.0.1": "unhealthy",
        "10.0.0.2": "initial",
        "10.0.0.3": "draining",
    }
    assert found[0]["TargetHealth"]["Reason"] == "Target.Timeout"


def iam_managed_policies() -> None:
    policies = [IAMBackend("aws", account).managed_policies for account in ("111111111111", "222222222222")]
    one, other = (each["arn:aws:iam::aws:policy/ReadOnlyAccess"] for each in policies)
    assert one.id == other.id
    one.attachment_count += 1
    one.versions.clear()
    assert (other.attachment_count, len(other.versions)) == (0, 1)


def kms_private_keys() -> None:
    kms = client("kms")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rsa, "generate_private_key", lambda **_: pytest.fail("a symmetric key has no private key"))
        kms.create_key()
    id_ = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    signed = {"KeyId": id_, "Message": b"text", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}
    assert kms.verify(**signed, Signature=kms.sign(**signed)["Signature"])["SignatureValid"]
    assert kms.get_public_key(KeyId=id_)["PublicKey"] == kms.get_public_key(KeyId=id_)["PublicKey"]


def kms_rotation_period() -> None:
    kms = client("kms")
    id_ = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=id_, RotationPeriodInDays=180)
    assert kms.get_key_rotation_status(KeyId=id_)["RotationPeriodInDays"] == 180


def ecr_immutable_tags() -> None:
    ecr = client("ecr")
    ecr.create_repository(repositoryName="images", imageTagMutability="IMMUTABLE")
    media = "application/vnd.oci.image.manifest.v1+json"
    codes = []
    for text in ('{"schemaVersion": 2}', '{"schemaVersion": 2}', '{"schemaVersion": 2, "annotations": {}}'):
        try:
            ecr.put_image(repositoryName="images", imageTag="a", imageManifest=text, imageManifestMediaType=media)
        except ClientError as error:
            codes.append(error.response["Error"]["Code"])
    assert codes == ["ImageAlreadyExistsException", "ImageTagAlreadyExistsException"]


def ecr_names() -> None:
    ecr = client("ecr")
    for name in ("a.b/c__d", "a---b", "a_b/c.d"):
        assert ecr.create_repository(repositoryName=name)["repository"]["repositoryName"] == name
    for name in ("a..b", "a___b", "-ab"):
        with pytest.raises(ClientError, match="must satisfy regular expression"):
            ecr.create_repository(repositoryName=name)


def elbv2_tags() -> None:
    elb = client("elbv2")
    _, vpc, _ = network()
    group = elb.create_target_group(Name="a", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    elb.add_tags(ResourceArns=[group["TargetGroupArn"]], Tags=[{"Key": f"k{n}", "Value": ""} for n in range(10)])
    elb.add_tags(ResourceArns=[group["TargetGroupArn"]], Tags=[{"Key": "k10", "Value": ""}])
    told = elb.describe_tags(ResourceArns=[group["TargetGroupArn"]])["TagDescriptions"][0]["Tags"]
    assert len(told) == 11


def logs_class() -> None:
    logs = client("logs")
    logs.create_log_group(logGroupName="a", logGroupClass="INFREQUENT_ACCESS")
    logs.create_log_group(logGroupName="b")
    told = [group["logGroupClass"] for group in logs.describe_log_groups()["logGroups"]]
    assert told == ["INFREQUENT_ACCESS", "STANDARD"]


def logs_kms_key() -> None:
    logs = client("logs")
    logs.create_log_group(logGroupName="a")
    logs.associate_kms_key(logGroupName="a", kmsKeyId="arn:aws:kms:eu-central-1:123456789012:key/k")
    assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"].endswith("key/k")
    logs.disassociate_kms_key(logGroupName="a")
    assert "kmsKeyId" not in logs.describe_log_groups()["logGroups"][0]


def instance(**more: Any) -> Any:
    rds = client("rds")
    basic = {"Engine": "postgres", "EngineVersion": "17.5", "DBInstanceClass": "db.m7g.large", "AllocatedStorage": 30}
    account = {"MasterUsername": "app", "MasterUserPassword": "password"}
    windows = {"PreferredMaintenanceWindow": "sun:03:30-sun:04:30", "PreferredBackupWindow": "02:00-03:00"}
    rds.create_db_instance(DBInstanceIdentifier="db", **basic, **account, **windows, **more)
    return rds


def told_instance(rds: Any) -> dict[str, Any]:
    return dict(rds.describe_db_instances(DBInstanceIdentifier="db")["DBInstances"][0])


def rds_endpoint() -> None:
    assert told_instance(instance(Port=5555))["Endpoint"]["Port"] == PLACES.database[1]


def rds_insights() -> None:
    rds = instance(EnablePerformanceInsights=True, DatabaseInsightsMode="standard", DedicatedLogVolume=True)
    told = told_instance(rds)
    assert (told["PerformanceInsightsEnabled"], told["PerformanceInsightsRetentionPeriod"]) == (True, 7)
    assert (told["DatabaseInsightsMode"], told["DedicatedLogVolume"]) == ("standard", True)
    rds.modify_db_instance(DBInstanceIdentifier="db", EnablePerformanceInsights=False)
    assert told_instance(rds)["PerformanceInsightsEnabled"] is False


def rds_license() -> None:
    assert told_instance(instance())["LicenseModel"] == "postgresql-license"


def rds_master_secret() -> None:
    rds, secrets = client("rds"), client("secretsmanager")
    basic = {"Engine": "postgres", "EngineVersion": "17.5", "DBInstanceClass": "db.m7g.large", "AllocatedStorage": 30}
    told = []
    for name in ("one", "two"):
        made = rds.create_db_instance(
            DBInstanceIdentifier=name, DBName=f"{name}db", MasterUsername=name, ManageMasterUserPassword=True, **basic
        )
        told.append(made["DBInstance"]["MasterUserSecret"])
    one, two = (json.loads(secrets.get_secret_value(SecretId=each["SecretArn"])["SecretString"]) for each in told)
    assert [each["SecretStatus"] for each in told] == ["active", "active"]
    assert (one["username"], two["username"]) == ("one", "two")
    assert len({one["password"], two["password"]}) == 2
    for login, name in ((one, "one"), (two, "two")):
        assert LOGINS.pop(0) == {**login, "identifier": name, "dbName": f"{name}db"}
    arn = told[0]["SecretArn"]
    for rotate in (
        lambda: secrets.rotate_secret(SecretId=arn),
        lambda: rds.modify_db_instance(
            DBInstanceIdentifier="one", RotateMasterUserPassword=True, ApplyImmediately=True
        ),
    ):
        before = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])
        rotate()
        now = secrets.get_secret_value(SecretId=arn)
        previous = secrets.get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")["SecretString"]
        assert json.loads(previous) == before != json.loads(now["SecretString"])
        assert LOGINS.pop() == {**json.loads(now["SecretString"]), "identifier": "one", "dbName": "onedb"}
    rds.modify_db_instance(DBInstanceIdentifier="one", ManageMasterUserPassword=True)
    assert len(secrets.list_secrets()["SecretList"]) == 2
    rds.delete_db_instance(DBInstanceIdentifier="one", SkipFinalSnapshot=True)
    assert [each["ARN"] for each in secrets.list_secrets()["SecretList"]] == [told[1]["SecretArn"]]


def rds_reset_parameters() -> None:
    rds = client("rds")
    rds.create_db_parameter_group(DBParameterGroupName="p", DBParameterGroupFamily="postgres17", Description="d")
    parameter = {"ParameterName": "max_connections", "ParameterValue": "9", "ApplyMethod": "pending-reboot"}
    rds.modify_db_parameter_group(DBParameterGroupName="p", Parameters=[parameter])
    rds.reset_db_parameter_group(DBParameterGroupName="p", Parameters=[parameter])
    assert rds.describe_db_parameters(DBParameterGroupName="p")["Parameters"] == []


def rds_subnet_group() -> None:
    _, _, subnets = network()
    rds = client("rds")
    rds.create_db_subnet_group(DBSubnetGroupName="s", DBSubnetGroupDescription="d", SubnetIds=subnets[:2])
    rds.modify_db_subnet_group(DBSubnetGroupName="s", SubnetIds=subnets)
    (group,) = rds.describe_db_subnet_groups()["DBSubnetGroups"]
    assert len(group["Subnets"]) == 3
    with pytest.raises(rds.exceptions.DBSubnetGroupNotFoundFault):
        rds.modify_db_subnet_group(DBSubnetGroupName="other", SubnetIds=subnets)


def request_lookups() -> None:
    folders: Any = backends.list_of_moto_modules()
    methods = responses.method_names_from_class(IamResponse)

    assert {"ec2", "iam", "sqs"} <= set(folders)
    assert backends.list_of_moto_modules() is folders
    assert "create_role" in methods
    assert responses.method_names_from_class(IamResponse) is methods


def response_names() -> None:
    ec2 = client("ec2")
    subnets = ec2.describe_subnets()["Subnets"]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(serialize, "xform_name", lambda _: pytest.fail("a name is derived again"))
        assert ec2.describe_subnets()["Subnets"] == subnets
    assert {"SubnetId", "CidrBlock", "MapPublicIpOnLaunch"} <= set(subnets[0])


def s3_lifecycle() -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    expiration = {"NoncurrentDays": 5, "NewerNoncurrentVersions": 2}
    rules = [
        {
            "ID": "sizes",
            "Status": "Enabled",
            "Filter": {"And": {"Prefix": "a", "ObjectSizeGreaterThan": 10, "ObjectSizeLessThan": 20}},
            "NoncurrentVersionExpiration": expiration,
        },
        {"ID": "one", "Status": "Enabled", "Filter": {"ObjectSizeLessThan": 30}, "Expiration": {"Days": 1}},
    ]
    s3.put_bucket_lifecycle_configuration(Bucket="bucket", LifecycleConfiguration={"Rules": rules})
    assert s3.get_bucket_lifecycle_configuration(Bucket="bucket")["Rules"] == rules


def secrets_current() -> None:
    secrets = client("secretsmanager")
    first = secrets.create_secret(Name="s", SecretString="first")["VersionId"]
    second = secrets.put_secret_value(SecretId="s", SecretString="second")["VersionId"]
    third = secrets.put_secret_value(SecretId="s", SecretString="third", VersionStages=["AWSPENDING"])["VersionId"]
    moved = {"SecretId": "s", "VersionStage": "AWSCURRENT"}
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "second"
    for value, version, before in (("third", third, second), ("first", first, third)):
        secrets.update_secret_version_stage(**moved, MoveToVersionId=version, RemoveFromVersionId=before)
        told = secrets.get_secret_value(SecretId="s")
        assert (told["SecretString"], told["VersionId"]) == (value, version)
        assert "AWSCURRENT" in told["VersionStages"]
    fourth = secrets.put_secret_value(SecretId="s", SecretString="fourth")["VersionId"]
    stages = secrets.describe_secret(SecretId="s")["VersionIdsToStages"]
    assert {version: found for version, found in stages.items() if found} == {
        fourth: ["AWSCURRENT"],
        first: ["AWSPREVIOUS"],
        third: ["AWSPENDING"],
    }


def secrets_description() -> None:
    secrets = client("secretsmanager")
    secrets.create_secret(Name="s", Description="first")
    secrets.update_secret(SecretId="s", Description="")
    assert not secrets.describe_secret(SecretId="s").get("Description")


def sqs() -> None:
    queues = client("sqs")
    allow = {"RedriveAllowPolicy": json.dumps({"redrivePermission": "denyAll"})}
    url = queues.create_queue(QueueName="q", Attributes=allow)["QueueUrl"]
    told = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert json.loads(told["RedriveAllowPolicy"]) == {"redrivePermission": "denyAll"}


def sts_session_tags() -> None:
    role = "arn:aws:iam::123456789012:role/r"
    client("sts").assume_role(RoleArn=role, RoleSessionName="session", Tags=[{"Key": "team", "Value": "a"}])
    (session,) = sts_backends["123456789012"]["aws"].assumed_roles
    assert vars(session)["session_tags"] == {"team": "a"}


def wafv2_removals() -> None:
    waf = client("wafv2")
    seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
    own = {"Name": "a", "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": seen}
    bodies = {"b": {"ContentType": "TEXT_PLAIN", "Content": "no"}}
    made = waf.create_web_acl(**own, CustomResponseBodies=bodies)["Summary"]
    waf.update_web_acl(**own, Id=made["Id"], LockToken=made["LockToken"])
    told = waf.get_web_acl(Name="a", Scope="REGIONAL", Id=made["Id"])["WebACL"]
    assert not told.get("CustomResponseBodies")


STEPS: tuple[Callable[[], None], ...] = (
    acm_key_algorithm,
    acm_validation,
    ec2_endpoint_addresses,
    ec2_endpoint_dns,
    ec2_endpoint_members,
    ec2_flow_log_options,
    ec2_nat_interface,
    ec2_prefix_lists,
    ec2_rule_sources,
    ecr_immutable_tags,
    ecr_names,
    eks_cluster,
    eks_parts,
    elbv2_alpn,
    elbv2_delay,
    elbv2_grpc_codes,
    elbv2_ssl_policies,
    elbv2_tags,
    elbv2_target_health,
    iam_managed_policies,
    kms_private_keys,
    kms_rotation_period,
    logs_class,
    logs_kms_key,
    rds_endpoint,
    rds_insights,
    rds_license,
    rds_master_secret,
    rds_reset_parameters,
    rds_subnet_group,
    request_lookups,
    response_names,
    s3_lifecycle,
    secrets_current,
    secrets_description,
    sqs,
    sts_session_tags,
    wafv2_removals,
)
every_patch = pytest.mark.parametrize("steps", STEPS, ids=lambda steps: steps.__name__)


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    with mock_aws():
        yield
    moto_patches.apply(PLACES)


def test_every_patch_has_steps() -> None:
    """A new patch without a test fails here."""
    assert sorted(each.name for each in moto_patches.patches()) == sorted(steps.__name__ for steps in STEPS)


@every_patch
def test_the_steps_succeed_with_the_patch(steps: Callable[[], None]) -> None:
    """All patches are applied."""
    moto_patches.apply(PLACES)

    steps()


@every_patch
def test_the_steps_fail_without_the_patch(steps: Callable[[], None]) -> None:
    """Only this patch is left out. A patch whose steps succeed here can be deleted."""
    moto_patches.apply(PLACES, without=steps.__name__)

    with pytest.raises(BaseException):  # noqa: B017, PT011 - whatever moto does instead
        steps()


@pytest.mark.parametrize("version", ["5.1.9", "5.3.0", "6.0", "4.99.1"])
def test_refuses_an_unverified_version_of_moto(version: str) -> None:
    """The message has the version, the range and the remedy."""
    for each in moto_patches.patches():
        with pytest.raises(CloudError, match=rf"moto {version} is installed.*{each.name} is for 5.2 .*5.3.*make setup"):
            each.check(version)


def test_the_installed_version_of_moto_is_verified() -> None:
    """It is in the range of every patch; the lower bound is included and the upper bound is not."""
    for each in moto_patches.patches():
        each.check(moto.__version__)
        each.check(each.since)
        with pytest.raises(CloudError):
            each.check(each.before)


def test_every_patch_has_its_upstream_status() -> None:
    """The last line of its docstring has a fixed form: an issue or pull request with its state, or none."""
    known = r"not reported|no defect|#\d+ (open|closed|merged)(, | by #\d+, )[^;]+; [^;]+ not reported"
    patches = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "patch"}
    wrong = {}
    for name in patches:
        last = (importlib.import_module(f"{moto_patches.__name__}.{name}").__doc__ or "").rstrip().splitlines()[-1]
        if not re.fullmatch(rf"Upstream in \d{{4}}-\d{{2}}: ({known})\.", last):
            wrong[name] = last

    assert patches == {steps.__name__ for steps in STEPS}
    assert wrong == {}


def test_versions_are_compared_as_numbers() -> None:
    """5.10 is newer than 5.9."""
    for_some = Patch(name="p", since="5.9", before="5.11", apply=lambda changes: None)

    for_some.check("5.10.3")
    with pytest.raises(CloudError):
        for_some.check("5.11")


def test_changes_are_undone() -> None:
    """Attributes, including inherited ones, and items have their former values."""

    class Base:
        inherited = 1

    class Owner(Base):
        own = 2

    table = {"there": 1}
    changes = Changes(PLACES)
    assert changes.put(Owner, "inherited", 10) == 1
    assert changes.put(Owner, "own", 20) == 2
    changes.put(Owner, "new", 30)
    changes.put_item(table, "added", 2)
    changes.put_item(table, "there", 2)

    changes.undo()

    assert (Owner.inherited, Owner.own, hasattr(Owner, "new"), table) == (1, 2, False, {"there": 1})
    assert "inherited" not in vars(Owner)
