"""The functions that define a rule."""

from pulumi_policy import Severity
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from infra.policy.rule import _inputs, resource_rule, stack_rule
from infra.resources.properties import plain
from infra.resources.resource import Resource
from tests.infra.policy.judge import Given, as_stack, violations

VPC = Given(type="aws:ec2/vpc:Vpc", name="main", properties={"cidrBlock": "10.0.0.0/16"})
SAYS = {"severity": Severity.LOW, "description": "A network must be small.", "remedy": "take a smaller one"}


def test_reports_each_finding_with_resource_and_remedy() -> None:
    """The name of the rule is not part of the message, because the engine adds it."""
    rule = resource_rule(
        name="a-small-network", types=[VPC.type], check=lambda vpc: [vpc.properties["cidrBlock"], vpc.name], **SAYS
    )

    assert violations(rule, VPC) == [
        "main (aws:ec2/vpc:Vpc): 10.0.0.0/16. Remedy: take a smaller one",
        "main (aws:ec2/vpc:Vpc): main. Remedy: take a smaller one",
    ]


def test_ignores_other_types() -> None:
    """A check gets only resources of the rule's types."""
    rule = resource_rule(name="a-small-network", types=["aws:ec2/subnet:Subnet"], check=lambda _: ["never"], **SAYS)

    assert violations(rule, VPC) == []


def test_gives_a_stack_rule_all_resources_with_their_dependencies() -> None:
    """Dependencies are URNs, because the values that connect resources may be unknown."""
    subnet = Given(type="aws:ec2/subnet:Subnet", name="a", properties={}, depends={"vpcId": "main"})
    rule = stack_rule(
        name="a-small-network",
        check=lambda resources: [(each, str(each.dependencies)) for each in resources if each.dependencies],
        **SAYS,
    )

    [message] = violations(rule, VPC, subnet)

    assert message.startswith(f"a (aws:ec2/subnet:Subnet): {{'vpcId': ['{VPC.urn}']}}")


def test_gives_a_stack_rule_inputs_before_outputs() -> None:
    """The engine has no outputs of resources whose provider it cannot configure yet."""
    subnet = Given(type="aws:ec2/subnet:Subnet", name="a", properties={"cidrBlock": "10.0.0.0/25", "arn": "arn:a"})
    rule = stack_rule(
        name="a-small-network", check=lambda resources: [(each, str(each.properties)) for each in resources], **SAYS
    )

    [message] = violations(rule, subnet, a={"cidrBlock": "10.0.0.0/24", "vpcId": UNKNOWN_STRING_VALUE})

    assert "{'cidrBlock': '10.0.0.0/24', 'arn': 'arn:a'}" in message


def test_keeps_the_inputs_that_resource_rules_get() -> None:
    """They are kept for all types, not only for those of the rule."""
    subnet = Given(type="aws:ec2/subnet:Subnet", name="remembered", properties={"cidrBlock": "10.0.0.0/24"})

    violations(resource_rule(name="a-small-network", types=[], check=lambda _: [], **SAYS), subnet)

    assert plain(_inputs[subnet.urn]) == {"cidrBlock": "10.0.0.0/24"}


def test_a_finding_may_have_its_own_remedy() -> None:
    """It replaces the remedy of the rule."""
    rule = stack_rule(name="a-small-network", check=lambda found: [(found[0], "too big", "halve it")], **SAYS)

    assert violations(rule, VPC) == ["main (aws:ec2/vpc:Vpc): too big. Remedy: halve it"]


def test_converts_the_resources_of_a_stack_once() -> None:
    """All stack rules share them; another stack is converted again."""
    seen: list[list[Resource]] = []
    rules = [stack_rule(name="a-small-network", check=lambda found: seen.append(list(found)) or [], **SAYS)] * 2
    stacks = [as_stack([VPC]), as_stack([VPC])]

    for stack in stacks:
        for rule in rules:
            rule.validate(stack, lambda message, urn=None: None)

    assert seen[0][0] is seen[1][0]
    assert seen[1][0] is not seen[2][0]
