"""The component Network: its resources for given arguments."""

import json

import pytest
from pulumi_aws.ec2 import SecurityGroup

from components.network import Network
from tests.support.builders import network_args
from tests.support.fake_outputs import ACCOUNT_ID
from tests.support.recorder import Recording, record


def _network(**changes: object) -> Recording:
    return record(lambda: Network("network", network_args(**changes)).private_subnet_ids)


def test_creates_three_tiers_in_each_zone() -> None:
    """Each zone has a public, a private and a database subnet, and none assigns public addresses."""
    subnets = _network().all("aws:ec2/subnet:Subnet")

    assert [subnet.name for subnet in subnets] == [
        "network-database-a",
        "network-database-b",
        "network-private-a",
        "network-private-b",
        "network-public-a",
        "network-public-b",
    ]
    assert {subnet.inputs["mapPublicIpOnLaunch"] for subnet in subnets} == {False}
    assert subnets[0].inputs["availabilityZone"] == "eu-central-1a"


def test_tags_subnets_for_load_balancers() -> None:
    """By these tags EKS places public load balancers in public subnets and internal ones in private subnets."""
    recording = _network()

    def roles(name: str) -> set[str]:
        tags = recording.only("aws:ec2/subnet:Subnet", name).inputs["tags"]
        return {key for key in tags if key.startswith("kubernetes.io/")}

    assert roles("network-public-a") == {"kubernetes.io/role/elb"}
    assert roles("network-private-a") == {"kubernetes.io/role/internal-elb"}
    assert roles("network-database-a") == set()


@pytest.mark.parametrize(
    ("strategy", "gateways"),
    [("none", []), ("single", ["network-nat-a"]), ("per-az", ["network-nat-a", "network-nat-b"])],
)
def test_creates_nat_gateways_by_strategy(strategy: str, gateways: list[str]) -> None:
    """Each is in the public subnet of its zone; private subnets use that of their zone if it has one."""
    recording = _network(nat_strategy=strategy)

    made = recording.all("aws:ec2/natGateway:NatGateway")
    assert [gateway.name for gateway in made] == gateways
    subnets = [recording.owner(gateway.inputs["subnetId"]) for gateway in made]
    assert [subnet.name for subnet in subnets] == [name.replace("-nat-", "-public-") for name in gateways]
    assert [subnet.inputs["availabilityZone"] for subnet in subnets] == [f"eu-central-1{name[-1]}" for name in gateways]
    routes = {
        route.name: route.inputs["natGatewayId"]
        for route in recording.all("aws:ec2/route:Route")
        if "natGatewayId" in route.inputs
    }
    assert routes == {
        f"network-private-{zone}": f"NatGateway:{gateways[min(i, len(gateways) - 1)]}"
        for i, zone in enumerate("ab")
        if gateways
    }


def test_database_subnets_have_no_routes() -> None:
    """The route table of the database subnets has the local route only."""
    recording = _network()

    tables = {route.inputs["routeTableId"] for route in recording.all("aws:ec2/route:Route")}
    assert "RouteTable:network-database" not in tables
    association = recording.only("aws:ec2/routeTableAssociation:RouteTableAssociation", "network-database-a")
    assert association.inputs["routeTableId"] == "RouteTable:network-database"


def test_subnet_ids_depend_on_their_routes() -> None:
    """Users of a subnet are created after its routes and deleted before them."""

    def program() -> None:
        network = Network("network", network_args())
        SecurityGroup("user", description=network.private_subnet_ids.apply(str), vpc_id=network.vpc_id)

    recording = record(program)

    before = recording.waits_for(recording.only("aws:ec2/securityGroup:SecurityGroup", "user"))
    for type_, name in (
        ("aws:ec2/route:Route", "network-private-a"),
        ("aws:ec2/routeTableAssociation:RouteTableAssociation", "network-private-b"),
        ("aws:ec2/natGateway:NatGateway", "network-nat-a"),
    ):
        assert recording.only(type_, name).urn in before


def test_closes_the_default_security_group() -> None:
    """The default security group of the VPC has no rules."""
    group = _network().only("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")

    assert (group.inputs["ingress"], group.inputs["egress"]) == ([], [])


def test_without_interface_endpoints_there_is_no_security_group() -> None:
    """The gateway endpoint of S3, which is free, always exists."""
    recording = _network(interface_endpoints=())

    assert [each.name for each in recording.all("aws:ec2/vpcEndpoint:VpcEndpoint")] == ["network-s3"]
    assert recording.all("aws:ec2/securityGroup:SecurityGroup") == []
    assert recording.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") == []


def test_s3_has_an_interface_endpoint_beside_the_gateway_endpoint() -> None:
    """Its name resolves to it inside the VPC too, not only for inbound resolver endpoints, the default of AWS."""
    recording = _network(interface_endpoints=("s3",))

    gateway, interface = sorted(recording.all("aws:ec2/vpcEndpoint:VpcEndpoint"), key=lambda each: each.name)
    assert (gateway.name, gateway.inputs["vpcEndpointType"]) == ("network-s3", "Gateway")
    assert (interface.name, interface.inputs["vpcEndpointType"]) == ("network-s3-interface", "Interface")
    assert interface.inputs["dnsOptions"] == {"privateDnsOnlyForInboundResolverEndpoint": False}
    assert interface.inputs["tags"]["Name"] != gateway.inputs["tags"]["Name"]


def test_endpoints_are_reached_from_the_vpc_only() -> None:
    """S3 has a route in each private table; interface endpoints accept HTTPS from the VPC only."""
    recording = _network(interface_endpoints=("sts", "ecr.api"))

    assert recording.names("aws:ec2/vpcEndpoint:VpcEndpoint") == ["network-ecr-api", "network-s3", "network-sts"]
    s3, *interfaces = sorted(recording.all("aws:ec2/vpcEndpoint:VpcEndpoint"), key=lambda e: e.name != "network-s3")
    tables = [recording.owner(table).name for table in s3.inputs["routeTableIds"]]
    assert tables == ["network-private-a", "network-private-b"]
    assert (s3.inputs["vpcEndpointType"], "policy" in s3.inputs) == ("Gateway", False)
    for endpoint in interfaces:
        subnets = [recording.owner(subnet).name for subnet in endpoint.inputs["subnetIds"]]
        assert subnets == ["network-private-a", "network-private-b"]
        assert [recording.owner(group).name for group in endpoint.inputs["securityGroupIds"]] == ["network-endpoints"]
        assert (endpoint.inputs["vpcEndpointType"], endpoint.inputs["privateDnsEnabled"]) == ("Interface", True)
    rule = recording.only("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert recording.owner(rule.inputs["securityGroupId"]).name == "network-endpoints"
    assert rule.inputs["ipProtocol"] == "tcp"
    assert (rule.inputs["cidrIpv4"], rule.inputs["fromPort"], rule.inputs["toPort"]) == ("10.0.0.0/16", 443, 443)
    assert _network().names("aws:ec2/vpcEndpoint:VpcEndpoint") == ["network-s3"]


def test_flow_logs_bucket_is_private_encrypted_and_versioned() -> None:
    """It has a public access block, versioning and encryption, and gets all flow logs."""
    recording = _network()

    block = recording.only("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    assert [block[key] for key in sorted(block) if key != "bucket"] == [True] * 4
    versioning = recording.only("aws:s3/bucketVersioning:BucketVersioning").inputs["versioningConfiguration"]
    assert versioning == {"status": "Enabled"}
    encryption = recording.only(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    ).inputs["rules"]
    assert encryption == [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]
    flow_log = recording.only("aws:ec2/flowLog:FlowLog").inputs
    assert (flow_log["trafficType"], flow_log["logDestination"]) == ("ALL", "arn:aws:s3:::network-flow-logs")


def test_flow_logs_bucket_refuses_plain_http_and_other_accounts() -> None:
    """The policy denies requests without TLS, and allows only logs of this account."""
    policy = json.loads(_network().only("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])

    deny, *allow = policy["Statement"]
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert {json.dumps(s["Condition"]) for s in allow} == {
        json.dumps({"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}})
    }
    assert {s["Principal"]["Service"] for s in allow} == {"delivery.logs.amazonaws.com"}


@pytest.mark.parametrize("protect", [True, False])
def test_protects_the_flow_logs(protect: bool) -> None:
    """A protected bucket is not deleted with its objects."""
    bucket = _network(protect=protect).only("aws:s3/bucket:Bucket")

    assert (bucket.protect, bucket.inputs["forceDestroy"]) == (protect, not protect)
