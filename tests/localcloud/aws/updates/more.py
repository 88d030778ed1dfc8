"""Inputs in addition to the rows: properties that the local cloud keeps and that no row sets or changes."""

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.account import Account
from tests.localcloud.aws.updates.edge import custom_acl
from tests.localcloud.aws.updates.network import RULE
from tests.localcloud.aws.updates.row import ABSENT, World, document

Extra = tuple[str, str, Mapping[str, Any]]
"""Type, variant of its row, and differences from the row's base."""
TAGS = {"team": "a"}
FORMAT = "${version} ${srcaddr}"
DATE = "2027-01-01T00:00:00Z"


def extras(world: World, account: Account) -> list[Extra]:
    """Return all of them, each for its own resource."""
    others = _others(world, account)
    return [
        *_network(world, others),
        *_routes(world, others),
        *_groups(world, others),
        *_identity(world),
        *_data(world),
        *_edge(),
    ]


def _network(world: World, others: Mapping[str, str]) -> Iterator[Extra]:
    role = world.arns(world.roles)[0]
    private = {"allocationId": ABSENT, "connectivityType": "private"}
    logs = {
        "logDestinationType": "cloud-watch-logs",
        "logDestination": "arn:aws:logs:eu-central-1:123456789012:log-group:x",
    }
    source = {"vpcId": ABSENT, "trafficType": "REJECT"}
    yield "aws:ec2/vpc:Vpc", "", {"instanceTenancy": "dedicated", "tags": TAGS}
    yield "aws:ec2/subnet:Subnet", "", {"availabilityZone": ABSENT, "availabilityZoneId": "euc1-az2", "tags": TAGS}
    yield "aws:ec2/internetGateway:InternetGateway", "", {"vpcId": ABSENT, "tags": TAGS}
    yield "aws:ec2/routeTable:RouteTable", "", {"tags": TAGS}
    yield "aws:ec2/eip:Eip", "", {"tags": TAGS}
    yield "aws:ec2/natGateway:NatGateway", "", {**private, "tags": TAGS}
    yield "aws:ec2/vpcEndpoint:VpcEndpoint", "interface", {"tags": TAGS}
    yield "aws:ec2/flowLog:FlowLog", "", {**source, "subnetId": world.subnets[0].id, "logFormat": FORMAT, "tags": TAGS}
    hourly = {"fileFormat": "parquet", "hiveCompatiblePartitions": True, "perHourPartition": True}
    yield "aws:ec2/flowLog:FlowLog", "", {"destinationOptions": hourly}
    yield (
        "aws:ec2/flowLog:FlowLog",
        "",
        {**source, "eniId": others["interface"], **logs, "iamRoleArn": role},
    )


def _others(world: World, account: Account) -> dict[str, str]:
    """Create resources without a stand-in that others can refer to, and return their ids."""
    ec2 = account._client("ec2")
    prefixes = ec2.create_managed_prefix_list(PrefixListName="p", MaxEntries=1, AddressFamily="IPv4")["PrefixList"]
    out = ec2.create_egress_only_internet_gateway(VpcId=world.vpc.id)["EgressOnlyInternetGateway"]
    peering = ec2.create_vpc_peering_connection(VpcId=world.vpc.id, PeerVpcId=world.vpc2.id)["VpcPeeringConnection"]
    interface = ec2.create_network_interface(SubnetId=world.subnets[0].id)["NetworkInterface"]
    return {
        "prefixes": prefixes["PrefixListId"],
        "out": out["EgressOnlyInternetGatewayId"],
        "interface": interface["NetworkInterfaceId"],
        "transit": ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"],
        "peering": peering["VpcPeeringConnectionId"],
    }


def _routes(world: World, others: Mapping[str, str]) -> Iterator[Extra]:
    type_, own = "aws:ec2/route:Route", {"natGatewayId": ABSENT, "destinationCidrBlock": ABSENT}
    targets: tuple[Mapping[str, str], ...] = (
        {"destinationPrefixListId": others["prefixes"], "gatewayId": world.gateway.id},
        {"destinationIpv6CidrBlock": "::/0", "egressOnlyGatewayId": others["out"]},
        {"destinationCidrBlock": "10.77.0.0/16", "networkInterfaceId": others["interface"]},
        {"destinationCidrBlock": "10.78.0.0/16", "transitGatewayId": others["transit"]},
        {"destinationCidrBlock": "10.79.0.0/16", "vpcPeeringConnectionId": others["peering"]},
    )
    for each in targets:
        yield type_, "nat", {**own, **each}


def _groups(world: World, others: Mapping[str, str]) -> Iterator[Extra]:
    other = {"securityGroups": [world.groups[0].id], "description": "group"}
    rules = [
        {**RULE, "ipv6CidrBlocks": ["::/0"], "description": "six"},
        {**RULE, **other},
        {**RULE, "self": True, "cidrBlocks": ["10.0.0.0/8"], "description": "own"},
    ]
    inline = {"ingress": rules, "egress": rules, "tags": TAGS}
    yield "aws:ec2/securityGroup:SecurityGroup", "", {**inline, "name": "extra"}
    yield "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "", {**inline, "vpcId": world.vpc.id}
    for name in ("Ingress", "Egress"):
        type_ = f"aws:vpc/securityGroup{name}Rule:SecurityGroup{name}Rule"
        yield type_, "", {"cidrIpv4": ABSENT, "cidrIpv6": "::/0", "tags": TAGS}
        yield type_, "", {"cidrIpv4": ABSENT, "prefixListId": others["prefixes"]}


def _identity(world: World) -> Iterator[Extra]:
    role = world.arns(world.roles)[0]
    network = {"subnetIds": world.subnet_ids[:2], "securityGroupIds": [world.groups[0].id]}
    family = {"ipFamily": "ipv4", "serviceIpv4Cidr": "10.100.0.0/16", "elasticLoadBalancing": {"enabled": True}}
    yield "aws:eks/cluster:Cluster", "", {"vpcConfig": network, "kubernetesNetworkConfig": family, "tags": TAGS}
    yield "aws:eks/accessEntry:AccessEntry", "", {"tags": TAGS}
    yield "aws:eks/accessEntry:AccessEntry", "", {"type": "EC2_LINUX"}
    scope = {"type": "namespace", "namespaces": ["a"]}
    yield "aws:eks/accessPolicyAssociation:AccessPolicyAssociation", "", {"accessScope": scope}
    pods = [{"roleArn": role, "serviceAccount": "metrics"}]
    yield (
        "aws:eks/addon:Addon",
        "",
        {"podIdentityAssociations": pods, "namespaceConfig": {"namespace": "m"}, "tags": TAGS},
    )
    policy = {"policy": document("s3:*"), "disableSessionTags": True, "tags": TAGS}
    yield "aws:eks/podIdentityAssociation:PodIdentityAssociation", "", policy
    yield "aws:iam/rolePolicy:RolePolicy", "", {"name": "extra"}
    yield "aws:iam/role:Role", "", {"name": "extra", "path": "/x/", "tags": TAGS}
    yield "aws:iam/policy:Policy", "", {"name": "extra", "path": "/x/", "tags": TAGS}
    yield "aws:iam/openIdConnectProvider:OpenIdConnectProvider", "", {"url": "https://x.example.com", "tags": TAGS}
    yield "aws:kms/key:Key", "", {"multiRegion": True, "tags": TAGS}
    signing = {"enableKeyRotation": ABSENT, "customerMasterKeySpec": "RSA_2048", "keyUsage": "SIGN_VERIFY"}
    yield "aws:kms/key:Key", "", signing
    yield "aws:cloudwatch/logGroup:LogGroup", "", {"name": "/x", "logGroupClass": "INFREQUENT_ACCESS", "tags": TAGS}
    yield "aws:cloudwatch/metricAlarm:MetricAlarm", "", {"name": "extra", "tags": TAGS}


def _data(world: World) -> Iterator[Extra]:
    role = world.arns(world.roles)[0]
    fast = {"storageThroughput": 500, "iops": 12_000, "allocatedStorage": 400, "maxAllocatedStorage": 1000}
    watched = {"monitoringInterval": 60, "monitoringRoleArn": role, "licenseModel": "postgresql-license"}
    yield (
        "aws:rds/instance:Instance",
        "",
        {"identifier": "extra", **fast, **watched, "availabilityZone": "eu-central-1a", "tags": TAGS},
    )
    yield "aws:rds/subnetGroup:SubnetGroup", "", {"name": "extra", "tags": TAGS}
    yield "aws:rds/parameterGroup:ParameterGroup", "", {"name": "extra", "description": "x", "tags": TAGS}
    live = {"imageTagMutabilityExclusionFilters": [{"filter": "live-*", "filterType": "WILDCARD"}]}
    yield (
        "aws:ecr/repository:Repository",
        "",
        {"name": "other/row", "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION", **live, "tags": TAGS},
    )
    yield "aws:secretsmanager/secret:Secret", "", {"name": "extra", "tags": TAGS}
    yield "aws:s3/bucket:Bucket", "", {"bucket": "another-one", "tags": TAGS}
    yield "aws:sqs/queue:Queue", "", {"name": "extra", "tags": TAGS}
    yield from _lifecycle()


def _lifecycle() -> Iterator[Extra]:
    type_ = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    rule = {"id": "r", "status": "Enabled", "filter": {"prefix": ""}}
    parts: tuple[Mapping[str, Any], ...] = (
        {"expiration": {"date": DATE}},
        {"expiration": {"expiredObjectDeleteMarker": True}},
        {
            "noncurrentVersionTransitions": [
                {"noncurrentDays": 30, "storageClass": "GLACIER", "newerNoncurrentVersions": 2}
            ]
        },
        {"transitions": [{"days": 30, "storageClass": "GLACIER"}]},
        {"transitions": [{"date": DATE, "storageClass": "GLACIER"}]},
        {"expiration": {"days": 5}, "filter": {"tag": {"key": "a", "value": "b"}}},
        {"expiration": {"days": 5}, "filter": {"and": {"prefix": "x"}}},
        {"expiration": {"days": 5}, "filter": {"and": {"objectSizeGreaterThan": 1, "objectSizeLessThan": 9}}},
        {"expiration": {"days": 5}, "filter": {"objectSizeGreaterThan": 1}},
        {"expiration": {"days": 5}, "filter": {"objectSizeLessThan": 9}},
        {"noncurrentVersionExpiration": {"noncurrentDays": 5, "newerNoncurrentVersions": 2}},
    )
    for part in parts:
        yield type_, "", {"rules": [{**rule, **part}]}
    yield type_, "", {"rules": [{"id": "r", "status": "Enabled", "prefix": "x", "expiration": {"days": 5}}]}


def _edge() -> Iterator[Extra]:
    names = {"subjectAlternativeNames": ["f.example.org", "g.example.org"], "domainName": "f.example.org"}
    yield "aws:acm/certificate:Certificate", "", {**names, "keyAlgorithm": "EC_secp384r1", "tags": TAGS}
    yield "aws:lb/loadBalancer:LoadBalancer", "", {"name": "extra", "tags": TAGS}
    kind = {"protocolVersion": "HTTP1", "ipAddressType": "ipv4"}
    yield "aws:lb/targetGroup:TargetGroup", "", {"name": "extra", **kind, "tags": TAGS}
    yield "aws:lb/listener:Listener", "", {"port": 444, "tags": TAGS}
    yield "aws:lb/listenerRule:ListenerRule", "", {"priority": 9, "tags": TAGS}
    yield "aws:wafv2/webAcl:WebAcl", "", {"name": "extra", **custom_acl(), "tags": TAGS}
    yield "aws:cloudfront/distribution:Distribution", "", {"comment": "extra", "tags": TAGS}
    yield "aws:cloudwatch/logDeliverySource:LogDeliverySource", "", {"name": "extra", "tags": TAGS}
    yield "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination", "", {"name": "extra", "tags": TAGS}
    yield "aws:cloudwatch/logDelivery:LogDelivery", "", {"tags": TAGS}
