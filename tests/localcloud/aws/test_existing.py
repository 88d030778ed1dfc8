"""A preview checks changes against deployed and planned resources, and refuses nothing that it does not know."""

import pytest

from localcloud.aws.provider import AwsProvider
from localcloud.protocol.servicer import ProviderError, Target
from localcloud.protocol.values import UNKNOWN, Properties

CLUSTER, INSTANCE, VPC = "aws:eks/cluster:Cluster", "aws:rds/instance:Instance", "aws:ec2/vpc:Vpc"
SUBNET, GROUP, ENTRY = (
    "aws:ec2/subnet:Subnet",
    "aws:rds/parameterGroup:ParameterGroup",
    "aws:eks/accessEntry:AccessEntry",
)
DEPLOYED_CLUSTER: Properties = {
    "name": "a",
    "version": "1.34",
    "accessConfig": {"authenticationMode": "CONFIG_MAP"},
    "roleArn": "r",
    "vpcConfig": UNKNOWN,
}
DATABASE: Properties = {
    "identifier": "db",
    "engine": "postgres",
    "engineVersion": "17.8",
    "instanceClass": "db.t4g.medium",
    "allocatedStorage": 20,
    "username": "app",
    "password": UNKNOWN,
}


class Preview:
    """Sends the calls of a preview to the provider."""

    def __init__(self) -> None:
        self.provider = AwsProvider("123456789012", "eu-central-1", None)
        self.provider.configure({"region": "eu-central-1"})

    def create(self, type_: str, inputs: Properties) -> None:
        target = Target(urn=f"urn:pulumi:a::b::{type_}::new", type=type_, name="new")
        self.provider.create(target, self.provider.check(target, {}, inputs), preview=True)

    def change(self, type_: str, id_: str, old: Properties, new: Properties, outputs: Properties | None = None) -> None:
        """Preview a change of `old`, to the inputs `old` with those of `new`."""
        target = Target(urn=f"urn:pulumi:a::b::{type_}::old", type=type_, name="old")
        before = self.provider.check(target, {}, old)
        after = self.provider.check(target, before, {**old, **new})
        known = {**before, **(outputs or {})}
        if not self.provider.diff(target, id_, before, known, after).replaces:
            self.provider.update(target, id_, before, known, after, preview=True)


@pytest.fixture
def preview() -> Preview:
    return Preview()


@pytest.mark.parametrize(
    "new", [{"version": UNKNOWN}, {"accessConfig": UNKNOWN}, {"accessConfig": {"authenticationMode": UNKNOWN}}]
)
def test_accepts_unknown_new_values(preview: Preview, new: Properties) -> None:
    preview.change(CLUSTER, "a", DEPLOYED_CLUSTER, new)


def test_accepts_attributes_that_are_turned_on_together(preview: Preview) -> None:
    """The second one needs the first one, which is set before."""
    off = {"cidrBlock": "10.0.0.0/16", "enableDnsSupport": False, "enableDnsHostnames": False}

    preview.change(VPC, "vpc-1", off, {"enableDnsSupport": True, "enableDnsHostnames": True})


@pytest.mark.parametrize(
    ("outputs", "refused"), [({"ipv6CidrBlock": ""}, True), ({"ipv6CidrBlock": "fd00::/64"}, False), ({}, False)]
)
def test_a_subnet_may_have_addresses_that_others_added(preview: Preview, outputs: Properties, refused: bool) -> None:
    """Only the output of a deployed subnet shows that it has no IPv6 CIDR block."""
    old = {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"}

    assert refuses(preview, SUBNET, "subnet-1", old, {"assignIpv6AddressOnCreation": True}, outputs) == refused


@pytest.mark.parametrize(
    ("new", "outputs", "refused"),
    [
        ({"engineVersion": "17.8"}, {"engineVersionActual": "17.9"}, True),
        ({"engineVersion": "17.9"}, {"engineVersionActual": "17.9"}, False),
        ({"backupRetentionPeriod": 7}, {"maxAllocatedStorage": 0}, False),
        ({"backupRetentionPeriod": 7}, {"maxAllocatedStorage": 20}, False),
        ({"allocatedStorage": 19}, {}, True),
        ({"allocatedStorage": 40}, {"maxAllocatedStorage": 41}, True),
        ({"allocatedStorage": 40}, {"maxAllocatedStorage": 44}, False),
        ({"backupWindow": "01:00-02:00"}, {"maintenanceWindow": "mon:01:30-mon:02:30"}, True),
        ({"password": "short"}, {}, True),
    ],
    ids=str,
)
def test_checks_a_change_of_a_deployed_database(
    preview: Preview, new: Properties, outputs: Properties, refused: bool
) -> None:
    """Against the outputs, which are what AWS has. Without autoscaling the maximum storage is 0 or the current size."""
    old = {**DATABASE, "engineVersion": "17"}

    assert refuses(preview, INSTANCE, "db", old, new, {"engineVersionActual": "17.8", **outputs}) == refused


def test_a_replacement_may_keep_its_name(preview: Preview) -> None:
    """The replaced resource, which has the name, is deleted before."""
    preview.change(INSTANCE, "db", DATABASE, {"username": "other"})
    preview.create(INSTANCE, {**DATABASE, "username": "other"})


def test_checks_against_planned_resources(preview: Preview) -> None:
    """Of this run of the engine only: a later one may have changed them."""
    database = {**DATABASE, "parameterGroupName": "g"}
    preview.create(GROUP, {"name": "g", "family": "postgres18"})

    with pytest.raises(ProviderError, match="with DBParameterGroupFamily postgres17"):
        preview.create(INSTANCE, database)

    preview.provider.configure({"region": "eu-central-1"})
    preview.create(INSTANCE, database)


def test_checks_against_the_planned_change_of_a_resource(preview: Preview) -> None:
    """Not against its deployed state."""
    entry = {"clusterName": "a", "principalArn": UNKNOWN}

    preview.change(CLUSTER, "a", DEPLOYED_CLUSTER, {})
    with pytest.raises(ProviderError, match="InvalidRequestException"):
        preview.create(ENTRY, entry)
    preview.change(CLUSTER, "a", DEPLOYED_CLUSTER, {"accessConfig": {"authenticationMode": "API_AND_CONFIG_MAP"}})
    preview.create(ENTRY, entry)


def refuses(preview: Preview, type_: str, id_: str, old: Properties, new: Properties, outputs: Properties) -> bool:
    try:
        preview.change(type_, id_, old, new, outputs)
    except ProviderError:
        return True
    return False
