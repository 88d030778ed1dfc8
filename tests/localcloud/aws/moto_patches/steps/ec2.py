"""Steps that need the patches of EC2."""

from typing import Any

from tests.localcloud.aws.moto_patches.steps.common import REGION, client, network


def interfaces(ec2: Any, vpc: str) -> set[str]:
    found = ec2.describe_network_interfaces(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkInterfaces"]
    return {each["SubnetId"] for each in found}


def ec2_endpoint_options() -> None:
    ec2, vpc, subnets = network()
    name = f"com.amazonaws.{REGION}.sqs"
    made = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName=name,
        VpcEndpointType="Interface",
        SubnetIds=subnets[:1],
        IpAddressType="ipv4",
        DnsOptions={"PrivateDnsOnlyForInboundResolverEndpoint": False},
    )["VpcEndpoint"]
    ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], IpAddressType="dualstack")
    described = ec2.describe_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])["VpcEndpoints"][0]
    assert (made["IpAddressType"], described["IpAddressType"]) == ("ipv4", "dualstack")
    assert described["DnsOptions"] == {"PrivateDnsOnlyForInboundResolverEndpoint": False}
    ec2, vpc, subnets = network()
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


STEPS = (
    ec2_endpoint_options,
    ec2_endpoint_members,
    ec2_flow_log_options,
    ec2_nat_interface,
    ec2_prefix_lists,
    ec2_rule_sources,
)
