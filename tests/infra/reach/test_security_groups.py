"""Security groups: union of rules, references, statefulness, and the forms of a rule."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.reach.addresses import public
from infra.reach.ends import End
from infra.reach.network import Network
from infra.reach.port import Port
from infra.reach.verdict import Verdict
from infra.resources.properties import UNKNOWN
from tests.infra.reach.small import GROUP, VPC, ask, groups, urn
from tests.infra.reach.wiring import made

ALLOWED = {"ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrIpv4": "10.0.1.0/24"}
CLASSIC = "aws:ec2/securityGroupRule:SecurityGroupRule"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        (ALLOWED, Verdict.YES),
        (ALLOWED | {"ipProtocol": "6"}, Verdict.YES),
        (ALLOWED | {"ipProtocol": 6.0, "fromPort": 5432.0}, Verdict.YES),
        ({"ipProtocol": "-1", "cidrIpv4": "10.0.0.0/8"}, Verdict.YES),
        (ALLOWED | {"fromPort": 0, "toPort": 65535}, Verdict.YES),
        (ALLOWED | {"cidrIpv4": "10.0.1.0/25"}, Verdict.SOME),
        (ALLOWED | {"cidrIpv4": "10.0.2.0/24"}, Verdict.NO),
        (ALLOWED | {"ipProtocol": "udp"}, Verdict.NO),
        (ALLOWED | {"fromPort": 5433, "toPort": 6000}, Verdict.NO),
        ({**ALLOWED, "cidrIpv4": None, "cidrIpv6": "::/0"}, Verdict.NO),
        ({"ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432, "group": "client"}, Verdict.YES),
        ({"ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432, "group": "server"}, Verdict.NO),
        (ALLOWED | {"cidrIpv4": UNKNOWN}, Verdict.UNKNOWN),
        (ALLOWED | {"fromPort": UNKNOWN}, Verdict.UNKNOWN),
        (ALLOWED | {"ipProtocol": UNKNOWN}, Verdict.UNKNOWN),
        (ALLOWED | {"ipProtocol": UNKNOWN, "toPort": 22, "fromPort": 22}, Verdict.NO),
    ],
)
def test_a_rule_matches_protocol_ports_and_source(rule: dict[str, Any], verdict: Verdict) -> None:
    """With an unknown value the answer is neither yes nor no."""
    assert ask(*groups([rule])).verdict is verdict


def test_without_rules_nothing_is_allowed() -> None:
    """This includes egress, because the provider removes EC2's default egress rule."""
    assert ask(*groups([])).verdict is Verdict.NO
    refused = ask(*groups([ALLOWED], egress=[]))
    assert refused.verdict is Verdict.NO
    assert refused.decides.at == "security group client"


def test_responses_need_no_rule() -> None:
    """Groups are stateful: server has no egress rule, and client no ingress rule."""
    assert ask(*groups([ALLOWED])).verdict is Verdict.YES


def test_rules_cover_a_source_together() -> None:
    """No single rule covers all addresses of the source."""
    halves = [ALLOWED | {"cidrIpv4": half} for half in ("10.0.1.0/25", "10.0.1.128/25")]

    assert ask(*groups(halves)).verdict is Verdict.YES


rules = st.fixed_dictionaries(
    {"ipProtocol": st.sampled_from(["tcp", "udp", "-1"]), "fromPort": st.integers(5430, 5434)},
    optional={"group": st.sampled_from(["client", "server"])},
).flatmap(
    lambda rule: st.fixed_dictionaries(
        {
            **{key: st.just(value) for key, value in rule.items()},
            "toPort": st.integers(rule["fromPort"], 5436),
            "cidrIpv4": st.sampled_from(["10.0.1.0/24", "10.0.1.0/25", "10.0.2.0/24", "0.0.0.0/0", "::/0"]),
        }
    )
)
ORDER = [Verdict.NO, Verdict.SOME, Verdict.YES]


@settings(max_examples=40)
@given(st.lists(rules, max_size=3), rules)
def test_another_rule_denies_nothing(some: list[dict[str, Any]], more: dict[str, Any]) -> None:
    """Rules only allow, and their order is irrelevant."""
    before, after, turned = (ask(*groups(each)).verdict for each in (some, [*some, more], [more, *reversed(some)]))

    assert ORDER.index(after) >= ORDER.index(before)
    assert turned is after


INLINE = {"protocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrBlocks": ["10.0.1.0/24"]}


@settings(max_examples=40)
@given(rules)
def test_all_forms_of_a_rule_are_equivalent(rule: dict[str, Any]) -> None:
    """The forms are a SecurityGroupIngressRule, the older SecurityGroupRule, and an inline rule."""
    own = ask(*groups([rule])).verdict
    old = {
        "type": "ingress",
        "protocol": rule["ipProtocol"],
        "fromPort": rule["fromPort"],
        "toPort": rule["toPort"],
        "cidrBlocks": [rule["cidrIpv4"]],
    }
    client = {"sourceSecurityGroupId": urn(GROUP, rule["group"])} if "group" in rule else {}
    classic = made(CLASSIC, "classic", old, securityGroupId=urn(GROUP, "server"), **client)
    inline = {key: value for key, value in old.items() if key != "type"}
    names = {"securityGroups": [UNKNOWN]} if "group" in rule else {}
    server = made(GROUP, "server", {"ingress": [inline | names]}, vpcId=urn(VPC, "vpc"))
    server.dependencies["ingress"] = list(client.values())
    [first, _, *rest] = groups([])

    assert ask(*groups([]), classic).verdict is own
    assert ask(first, server, *rest).verdict is own


def test_self_means_the_group_itself() -> None:
    """`self` does not include the group of another source."""
    inline = {"protocol": "-1", "self": True}
    [client, _, *rest] = groups([])
    server = made(GROUP, "server", {"ingress": [inline]}, vpcId=urn(VPC, "vpc"))

    assert ask(client, server, *rest).verdict is Verdict.NO


def test_an_unset_ingress_is_no_rule() -> None:
    """It is a computed output, so it is unknown in a preview; an unknown with dependencies may be a rule."""
    [client, _, *rest] = groups([])
    output = made(GROUP, "server", {"ingress": UNKNOWN}, vpcId=urn(VPC, "vpc"))
    assert ask(client, output, *rest).verdict is Verdict.NO

    given_rule = made(GROUP, "server", vpcId=urn(VPC, "vpc"), ingress=urn(VPC, "vpc"))
    assert ask(client, given_rule, *rest).verdict is Verdict.UNKNOWN


def test_a_rule_of_an_unknown_group_may_be_for_any() -> None:
    """The answer is neither yes nor no."""
    stray = made(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "stray", ALLOWED | {"securityGroupId": UNKNOWN}
    )

    assert ask(*groups([]), stray).verdict is Verdict.UNKNOWN


def test_a_prefix_list_means_the_addresses_of_its_endpoint() -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html: only for S3."""
    endpoint = made(ENDPOINT, "s3", {"serviceName": "com.amazonaws.eu-central-1.s3"}, vpcId=urn(VPC, "vpc"))
    rule = made(
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "s3",
        {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443},
        securityGroupId=urn(GROUP, "client"),
        prefixListId=endpoint.urn,
    )
    network = Network([*groups([], egress=[]), endpoint, rule])
    machine = made("test:Machine", "west", group=urn(GROUP, "client"))
    member = network.groups.named(machine, "group")

    def verdict(service: str) -> Verdict:
        end = End(place=service, addresses=public(), service=service)
        return network.groups.passes(member, end, Port("TCP", 443), egress=True).verdict

    assert verdict("s3") is Verdict.YES
    assert verdict("sqs") is Verdict.NO
