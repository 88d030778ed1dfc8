"""The form of a rule."""

from pulumi_policy import Severity

from infra.policy.rule import resource_rule, stack_rule
from tests.infra.policy.judge import Given, violations

VPC = Given(type="aws:ec2/vpc:Vpc", name="main", properties={"cidrBlock": "10.0.0.0/16"})
SAYS = {"severity": Severity.LOW, "description": "A network must be small.", "remedy": "take a smaller one"}


def test_reports_each_finding_with_resource_and_remedy() -> None:
    """The engine adds the rule's name."""
    rule = resource_rule(
        name="a-small-network", types=[VPC.type], check=lambda vpc: [vpc.properties["cidrBlock"], vpc.name], **SAYS
    )

    assert violations(rule, VPC) == [
        "main (aws:ec2/vpc:Vpc): 10.0.0.0/16. Remedy: take a smaller one",
        "main (aws:ec2/vpc:Vpc): main. Remedy: take a smaller one",
    ]


def test_leaves_other_types_alone() -> None:
    """A check sees only what its rule is about."""
    rule = resource_rule(name="a-small-network", types=["aws:ec2/subnet:Subnet"], check=lambda _: ["never"], **SAYS)

    assert violations(rule, VPC) == []


def test_shows_a_stack_rule_all_resources_and_what_they_depend_on() -> None:
    """By URN, since values that connect them may be unknown."""
    subnet = Given(type="aws:ec2/subnet:Subnet", name="a", properties={}, depends={"vpcId": "main"})
    rule = stack_rule(
        name="a-small-network",
        check=lambda resources: [(each, str(each.dependencies)) for each in resources if each.dependencies],
        **SAYS,
    )

    [message] = violations(rule, VPC, subnet)

    assert message.startswith(f"a (aws:ec2/subnet:Subnet): {{'vpcId': ['{VPC.urn}']}}")
