"""VPCs, subnets, gateways, Elastic IP addresses, VPC endpoints and flow logs."""

from collections.abc import Mapping
from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.judge.partial import Partial
from localcloud.aws.judge.refusal import RefusedError
from localcloud.aws.resource import Resource, call_each
from localcloud.aws.services._ec2 import Ec2Resource
from localcloud.aws.shapes import pick
from localcloud.protocol.values import UNKNOWN, Properties


class Vpc(Ec2Resource):
    """A VPC with its attributes. EC2 changes one attribute per request."""

    type = "aws:ec2/vpc:Vpc"
    gone = {"InvalidVpcID.NotFound": ("id",)}
    kind = "vpc"
    replaces = ("cidrBlock", "instanceTenancy", "ipv4IpamPoolId")
    create_operation = "CreateVpc"
    created_id = "Vpc.VpcId"
    describe_operation = "DescribeVpcs"
    found = "Vpcs.0"
    described = ("cidrBlock",)
    id_parameter = "VpcIds"
    delete_operation = "DeleteVpc"
    defaults = {"enableDnsSupport": True}
    attributes = ("enableDnsSupport", "enableDnsHostnames", "enableNetworkAddressUsageMetrics")

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the VPC, then set its attributes."""
        id_ = super().create(aws, inputs)
        self.update(aws, id_, {}, inputs, set(inputs))
        return id_

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Set the attributes that changed."""
        values = {
            f"{name[0].upper()}{name[1:]}": {"Value": bool(new.get(name))}
            for name in self.attributes
            if name in changed
        }
        call_each(aws, "ec2", "ModifyVpcAttribute", values, VpcId=id_)

    def reads(self, operation: str, parameters: Mapping[str, Any], new: Properties) -> dict[str, Any] | None:
        """Return an attribute. The attributes are set in an order in which each can depend on those before it."""
        name = parameters.get("Attribute")
        if operation != "DescribeVpcAttribute" or name not in new:
            return None
        return {f"{name[0].upper()}{name[1:]}": Partial({"Value": new[name]})}

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state with the attributes and the ids of the resources that EC2 created with the VPC."""
        state = super().state(aws, id_, item)
        for name in self.attributes:
            pascal = f"{name[0].upper()}{name[1:]}"
            answer = aws.call("ec2", "DescribeVpcAttribute", VpcId=id_, Attribute=name)
            state[name] = bool(pick(answer, f"{pascal}.Value"))
        here = [{"Name": "vpc-id", "Values": [id_]}]
        main = [*here, {"Name": "association.main", "Values": ["true"]}]
        default = [*here, {"Name": "group-name", "Values": ["default"]}]
        acls = [*here, {"Name": "default", "Values": ["true"]}]
        table = pick(aws.call("ec2", "DescribeRouteTables", Filters=main), "RouteTables.0.RouteTableId")
        group = pick(aws.call("ec2", "DescribeSecurityGroups", Filters=default), "SecurityGroups.0.GroupId")
        acl = pick(aws.call("ec2", "DescribeNetworkAcls", Filters=acls), "NetworkAcls.0.NetworkAclId")
        state |= {"mainRouteTableId": table, "defaultRouteTableId": table}
        return {**state, "defaultSecurityGroupId": group, "defaultNetworkAclId": acl}


class Subnet(Ec2Resource):
    """A subnet."""

    type = "aws:ec2/subnet:Subnet"
    gone = {"InvalidSubnetID.NotFound": ("id",)}
    kind = "subnet"
    replaces = ("vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId", "outpostArn")
    exclusive = True  # its addresses are in use until it is deleted
    create_operation = "CreateSubnet"
    created_id = "Subnet.SubnetId"
    describe_operation = "DescribeSubnets"
    found = "Subnets.0"
    described = ("availabilityZone", "cidrBlock", "vpcId")
    id_parameter = "SubnetIds"
    delete_operation = "DeleteSubnet"

    attributes = ("mapPublicIpOnLaunch", "assignIpv6AddressOnCreation")

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the subnet, then set the attributes that EC2 does not accept at creation."""
        id_ = super().create(aws, inputs)
        self.update(aws, id_, {}, inputs, {key for key in inputs if inputs[key]})
        return id_

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Set the changed attributes, which control the addresses of new instances."""
        values = {
            f"{name[0].upper()}{name[1:]}": {"Value": bool(new.get(name))}
            for name in self.attributes
            if name in changed
        }
        call_each(aws, "ec2", "ModifySubnetAttribute", values, SubnetId=id_)

    def describes(self, properties: Properties, new: Properties) -> Properties:
        """Return also whether the subnet has an IPv6 CIDR block, which others can add to a deployed subnet."""
        told = super().describes(properties, new)
        if any(new.get(name) for name in ("ipv6CidrBlock", "ipv6IpamPoolId", "ipv6Native")):
            return {**told, "ipv6CidrBlockAssociationSet": [{"ipv6CidrBlock": UNKNOWN}]}
        has_none = properties is new or properties.get("ipv6CidrBlock") == ""
        return {**told, "ipv6CidrBlockAssociationSet": []} if has_none else told


class InternetGateway(Ec2Resource):
    """An internet gateway, attached to its VPC."""

    type = "aws:ec2/internetGateway:InternetGateway"
    gone = {"InvalidInternetGatewayID.NotFound": ("id",)}
    kind = "internet-gateway"
    create_operation = "CreateInternetGateway"
    created_id = "InternetGateway.InternetGatewayId"
    describe_operation = "DescribeInternetGateways"
    found = "InternetGateways.0"
    id_parameter = "InternetGatewayIds"
    delete_operation = "DeleteInternetGateway"

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the gateway, then attach it."""
        id_ = super().create(aws, inputs)
        self.update(aws, id_, {}, inputs, {"vpcId"})
        return id_

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Attach the gateway to another VPC."""
        if "vpcId" in changed and old.get("vpcId"):
            aws.call("ec2", "DetachInternetGateway", InternetGatewayId=id_, VpcId=old["vpcId"])
        if "vpcId" in changed and new.get("vpcId"):
            aws.call("ec2", "AttachInternetGateway", InternetGatewayId=id_, VpcId=new["vpcId"])

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Detach the gateway, then delete it."""
        item = self.describe(aws, id_)
        for attachment in item["Attachments"]:
            aws.call("ec2", "DetachInternetGateway", InternetGatewayId=id_, VpcId=attachment["VpcId"])
        super().delete(aws, id_, inputs)

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state with the VPC that the gateway is attached to."""
        return {**super().state(aws, id_, item), "vpcId": pick(item, "Attachments.0.VpcId")}


class Eip(Ec2Resource):
    """An Elastic IP address."""

    type = "aws:ec2/eip:Eip"
    gone = {"InvalidAllocationID.NotFound": ("id",)}
    kind = "elastic-ip"
    replaces = ("domain", "address", "publicIpv4Pool", "networkBorderGroup")
    create_operation = "AllocateAddress"
    created_id = "AllocationId"
    describe_operation = "DescribeAddresses"
    found = "Addresses.0"
    id_parameter = "AllocationIds"
    delete_operation = "ReleaseAddress"


class NatGateway(Ec2Resource):
    """A NAT gateway. EC2 still returns it for an hour after its deletion."""

    type = "aws:ec2/natGateway:NatGateway"
    gone = {"NatGatewayNotFound": ("id",)}
    kind = "natgateway"
    replaces = ("allocationId", "subnetId", "connectivityType", "privateIp")
    create_operation = "CreateNatGateway"
    created_id = "NatGateway.NatGatewayId"
    describe_operation = "DescribeNatGateways"
    found = "NatGateways.0"
    id_parameter = "NatGatewayIds"
    delete_operation = "DeleteNatGateway"

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the state, or None if the gateway is being deleted."""
        item = self.describe(aws, id_)
        if item is None or item["State"] in ("deleting", "deleted"):
            return None
        address = pick(item, "NatGatewayAddresses.0") or {}
        state = self.state(aws, id_, item)
        names = {"allocationId": "AllocationId", "publicIp": "PublicIp", "privateIp": "PrivateIp"}
        return {**state, **{ours: address.get(theirs) for ours, theirs in names.items()}}


class VpcEndpoint(Ec2Resource):
    """A gateway or interface endpoint."""

    type = "aws:ec2/vpcEndpoint:VpcEndpoint"
    gone = {"InvalidVpcEndpointId.NotFound": ("id",)}
    kind = "vpc-endpoint"
    replaces = ("vpcId", "serviceName", "vpcEndpointType")
    renames = {"policy": "PolicyDocument"}
    defaults = {"vpcEndpointType": "Gateway"}
    create_operation = "CreateVpcEndpoint"
    created_id = "VpcEndpoint.VpcEndpointId"
    describe_operation = "DescribeVpcEndpoints"
    found = "VpcEndpoints.0"
    id_parameter = "VpcEndpointIds"
    lists = ("routeTableIds", "subnetIds", "securityGroupIds")

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the state, or None if the endpoint is being deleted."""
        item = self.describe(aws, id_)
        if item is None or item["State"].lower() in ("deleting", "deleted"):
            return None
        state = self.state(aws, id_, item)
        if "Groups" in item:
            state["securityGroupIds"] = [group["GroupId"] for group in item["Groups"]]
        return state

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Add and remove the changed items of each list, and change the policy, address type and DNS."""
        parameters: dict[str, Any] = {}
        for name in self.lists:
            pascal = f"{name[0].upper()}{name[1:]}"
            before, after = set(old.get(name) or ()), set(new.get(name) or ())
            parameters |= {f"Add{pascal}": sorted(after - before)} if after - before else {}
            parameters |= {f"Remove{pascal}": sorted(before - after)} if before - after else {}
        if "policy" in changed:
            parameters |= {"PolicyDocument": new["policy"]} if new.get("policy") else {"ResetPolicy": True}
        if "ipAddressType" in changed and new.get("ipAddressType"):
            parameters["IpAddressType"] = new["ipAddressType"]
        if "privateDnsEnabled" in changed:
            parameters["PrivateDnsEnabled"] = bool(new.get("privateDnsEnabled"))
        if "dnsOptions" in changed and new.get("dnsOptions"):
            only = new["dnsOptions"]["privateDnsOnlyForInboundResolverEndpoint"]
            parameters["DnsOptions"] = {"PrivateDnsOnlyForInboundResolverEndpoint": only}
        if parameters:
            aws.call("ec2", "ModifyVpcEndpoint", VpcEndpointId=id_, **parameters)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the endpoint."""
        aws.call("ec2", "DeleteVpcEndpoints", VpcEndpointIds=[id_])


class FlowLog(Ec2Resource):
    """A flow log of a VPC, a subnet or a network interface."""

    type = "aws:ec2/flowLog:FlowLog"
    gone = {"InvalidFlowLogId.NotFound": ("id",)}
    kind = "vpc-flow-log"
    replaces = (
        "vpcId",
        "subnetId",
        "eniId",
        "trafficType",
        "logDestination",
        "logDestinationType",
        "iamRoleArn",
        "maxAggregationInterval",
        "logFormat",
        "destinationOptions",
    )
    renames = {"iamRoleArn": "DeliverLogsPermissionArn"}
    defaults = {"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600}
    create_operation = "CreateFlowLogs"
    created_id = "FlowLogIds.0"
    describe_operation = "DescribeFlowLogs"
    found = "FlowLogs.0"
    id_parameter = "FlowLogIds"
    sources = {"vpcId": "VPC", "subnetId": "Subnet", "eniId": "NetworkInterface"}
    prefixes = {"vpc": "vpcId", "subnet": "subnetId", "eni": "eniId"}

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the flow log for the source in the inputs."""
        source = next(name for name in self.sources if inputs.get(name))
        parameters = {"ResourceIds": [inputs[source]], "ResourceType": self.sources[source]}
        tags = self.create_tags(inputs)
        answer = aws.mapped("ec2", self.create_operation, {**inputs, "tags": None}, self.renames, **parameters, **tags)
        if answer.get("Unsuccessful"):
            failure = answer["Unsuccessful"][0]["Error"]
            # EC2's error code is 400: https://docs.aws.amazon.com/prescriptive-guidance/latest/patterns/configure-vpc-flow-logs-for-centralization-across-aws-accounts.html
            raise RefusedError(
                str(failure["Code"]),
                failure["Message"],
                operation=self.create_operation,
                path=("LogDestination",),
                value=inputs.get("logDestination"),
                source="botocore ec2 CreateFlowLogsResult.Unsuccessful",
            )
        return str(pick(answer, self.created_id))

    def describe(self, aws: Account, id_: str) -> Any:
        """Find the flow log by its id. DescribeFlowLogs returns an empty list for an unknown id."""
        filters = [{"Name": "flow-log-id", "Values": [id_]}]
        found = aws.call("ec2", "DescribeFlowLogs", Filters=filters)["FlowLogs"]
        return next((item for item in found if item["FlowLogId"] == id_), None)

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state with the source as `vpcId`, `subnetId` or `eniId`."""
        source = str(item["ResourceId"])
        return {**super().state(aws, id_, item), self.prefixes[source.partition("-")[0]]: source}

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the flow log."""
        aws.call("ec2", "DeleteFlowLogs", FlowLogIds=[id_])


TYPES: tuple[type[Resource], ...] = (Vpc, Subnet, InternetGateway, Eip, NatGateway, VpcEndpoint, FlowLog)
