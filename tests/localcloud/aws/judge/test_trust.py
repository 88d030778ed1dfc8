"""Which parameters count as checked. Requests are checked, but not sent."""

from localcloud.aws.judge.trust import Count, Subject
from localcloud.aws.specifications.models import service_model

QUEUE = {"QueueName": "a", "Attributes": {"DelaySeconds": "1"}, "tags": {"a": "b"}}


def counted(*requests: tuple[str, str, dict[str, object]]) -> Count:
    count = Count()
    for service, operation, parameters in requests:
        count.add(service, operation, service_model(service).operation_model(operation).input_shape, parameters)
    return count


def test_a_parameter_counts_once() -> None:
    group = ("logs", "PutRetentionPolicy", {"logGroupName": "a", "retentionInDays": 7})

    assert counted(group).of([], frozenset()) == counted(group, group).of([], frozenset())


def test_a_parameter_is_checked_if_its_model_can_refuse_a_value() -> None:
    """The model has a pattern, enumeration, range, length or documented form; unconstrained text is not checked."""
    found = counted(
        ("logs", "CreateLogGroup", {"logGroupName": "a", "kmsKeyId": "b", "logGroupClass": "STANDARD"}),
        ("ec2", "CreateSecurityGroup", {"GroupName": "a", "Description": "b", "DryRun": False}),
        ("ec2", "CreateSubnet", {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24"}),
    ).of([], frozenset())

    assert found.unchecked == ["ec2 CreateSubnet CidrBlock", "ec2 CreateSubnet VpcId"]
    assert found.checked == 6


def test_places_in_lists_and_maps_are_one_parameter() -> None:
    found = counted(("sqs", "CreateQueue", {**QUEUE, "tags": {"a": "b", "c": "d"}})).of([], frozenset())

    assert "sqs CreateQueue tags{}" in found.unchecked
    assert found.checked + len(found.unchecked) == 3


def test_parameters_that_a_rule_reads_count_as_checked() -> None:
    """A parameter that the model checks too counts once, and one that no rule reads does not count."""
    subnet = {
        "VpcId": "vpc-1",
        "CidrBlock": "10.0.0.0/24",
        "TagSpecifications": [{"Tags": [{"Key": "a", "Value": "b"}]}],
    }
    count = counted(("ec2", "CreateSubnet", subnet))
    before = count.of([], frozenset())
    watched = count.watched("ec2", "CreateSubnet", subnet)

    assert watched == subnet
    assert watched["CidrBlock"] == "10.0.0.0/24"
    assert [tag["Key"] for each in watched.get("TagSpecifications", ()) for tag in each["Tags"]] == ["a"]

    found = count.of([], frozenset())
    assert found.ruled == 2
    assert set(before.unchecked) - set(found.unchecked) == {
        "ec2 CreateSubnet CidrBlock",
        "ec2 CreateSubnet TagSpecifications[].Tags[].Key",
    }
    assert found.checked == before.checked


def test_an_unchecked_parameter_has_the_property_of_each_resource_that_sends_it() -> None:
    """Its place in a list does not matter. A request of no resource has neither."""
    count = Count()
    shape = service_model("ec2").operation_model("CreateVpcEndpoint").input_shape
    policy = {"policy": "{}", "subnetIds": ["subnet-1", "subnet-2"]}
    with count.about(Subject(type="aws:a", inputs=policy, renames={"policy": "PolicyDocument"})):
        count.add("ec2", "CreateVpcEndpoint", shape, {"PolicyDocument": "{}", "SubnetIds": ["subnet-1", "subnet-2"]})
    with count.about(Subject(type="aws:b", inputs={"document": "x"}, renames={})):
        count.add("ec2", "CreateVpcEndpoint", shape, {"PolicyDocument": "x"})
    count.add("ec2", "CreateVpcEndpoint", shape, {"VpcId": "vpc-1"})

    assert count.of([], frozenset()).unchecked_properties == [
        ["", "", "ec2 CreateVpcEndpoint VpcId"],
        ["aws:a", "policy", "ec2 CreateVpcEndpoint PolicyDocument"],
        ["aws:a", "subnetIds[]", "ec2 CreateVpcEndpoint SubnetIds[]"],
        ["aws:b", "document", "ec2 CreateVpcEndpoint PolicyDocument"],
    ]


def test_inputs_count_once_by_type_and_path() -> None:
    count = counted()
    for _ in range(2):
        count.add_inputs({"aws:a name", "aws:a size"}, {"aws:a Size"}, {"aws:a name"})
    found = count.of([], frozenset())

    assert (found.inputs, found.described, found.recorded_inputs) == (2, 1, ["aws:a name"])


def test_types_are_emulated_or_recorded() -> None:
    found = counted().of(["aws:a", "aws:b", "aws:a"], frozenset({"aws:b", "aws:c"}))

    assert (found.emulated, found.recorded) == (1, ["aws:b"])
