"""Network ACLs: order of rules, both directions, and traffic that they do not filter.

https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.reach.ends import End
from infra.reach.network import Network
from infra.reach.paths import path
from infra.reach.port import Port
from infra.reach.verdict import Path, Verdict
from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource
from tests.infra.reach.small import ACL, EAST, SUBNET, VPC, WEST, ask, subnets, urn
from tests.infra.reach.wiring import made

RULE = "aws:ec2/networkAclRule:NetworkAclRule"
DEFAULT = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"


def entry(number: Any, action: str, first: int = 0, last: int = 65535, **more: Any) -> dict[str, Any]:
    """Return a rule for TCP from or to all addresses."""
    return {
        "ruleNo": number,
        "action": action,
        "protocol": "tcp",
        "fromPort": first,
        "toPort": last,
        "cidrBlock": "0.0.0.0/0",
    } | more


OPEN = [entry(100, "allow")]
OTHER_VPC = made(VPC, "other", {"cidrBlock": "10.77.0.0/16"})


def acl(subnet: str = "east", *, ingress: list[dict[str, Any]], egress: list[dict[str, Any]] | None = None) -> Resource:
    """Return the ACL of a subnet; by default it allows all egress."""
    properties = {"ingress": ingress, "egress": OPEN if egress is None else egress}
    return made(ACL, "acl", properties, vpcId=urn(VPC, "vpc"), subnetIds=urn(SUBNET, subnet))


@pytest.mark.parametrize(
    ("ingress", "verdict"),
    [
        (OPEN, Verdict.YES),
        ([], Verdict.NO),
        ([entry(100, "allow", protocol="-1")], Verdict.YES),
        ([entry(100, "allow", 5432, 5432)], Verdict.YES),
        ([entry(100, "allow", 443, 443)], Verdict.NO),
        ([entry(200, "allow"), entry(100, "deny")], Verdict.NO),
        ([entry(200, "deny"), entry(100, "allow")], Verdict.YES),
        ([entry(100, "deny", cidrBlock=EAST), entry(200, "allow")], Verdict.YES),
        ([entry(100, "deny", cidrBlock="10.0.1.0/25"), entry(200, "allow")], Verdict.SOME),
        ([entry(100, "allow", cidrBlock="10.0.1.0/25"), entry(101, "allow", cidrBlock="10.0.1.128/25")], Verdict.YES),
        ([entry(100, "deny", protocol="udp"), entry(200, "allow")], Verdict.YES),
        ([entry(100, "deny", cidrBlock=None, ipv6CidrBlock="::/0"), entry(200, "allow")], Verdict.YES),
        ([entry(100, UNKNOWN), entry(200, "allow")], Verdict.UNKNOWN),
        ([entry(UNKNOWN, "allow")], Verdict.UNKNOWN),
    ],
)
def test_the_first_matching_rule_decides(ingress: list[dict[str, Any]], verdict: Verdict) -> None:
    """Rules are ordered by number, not by their place in the list; traffic without a match is denied."""
    assert ask(acl(ingress=ingress)).verdict is verdict
    assert ask(acl(ingress=ingress[::-1])).verdict is verdict


@pytest.mark.parametrize(
    ("egress", "verdict"),
    [
        ([entry(100, "allow", 1024, 65535)], Verdict.YES),
        ([entry(100, "allow", 32768, 60999)], Verdict.YES),
        ([entry(100, "allow", 32768, 50000), entry(110, "allow", 50001, 61000)], Verdict.YES),
        ([entry(100, "allow", 32768, 50000)], Verdict.SOME),
        ([entry(90, "deny", 40000, 40000), entry(100, "allow")], Verdict.SOME),
        ([entry(100, "allow", 5432, 5432)], Verdict.NO),
        ([], Verdict.NO),
    ],
)
def test_responses_are_filtered_too(egress: list[dict[str, Any]], verdict: Verdict) -> None:
    """ACLs are stateless: responses go to any ephemeral port of the client."""
    assert ask(acl(ingress=OPEN, egress=egress)).verdict is verdict


def test_the_acl_of_the_clients_subnet_applies_too() -> None:
    """It filters requests to the server's port and responses to the client's."""
    assert (
        ask(acl("west", ingress=[entry(1, "allow", 1024)], egress=[entry(1, "allow", 5432, 5432)])).verdict
        is Verdict.YES
    )
    assert ask(acl("west", ingress=OPEN, egress=[entry(1, "allow", 443, 443)])).verdict is Verdict.NO
    assert ask(acl("west", ingress=[entry(1, "allow", 443, 443)])).verdict is Verdict.NO


def test_traffic_within_a_subnet_is_not_filtered() -> None:
    """ACLs apply at the border of a subnet only."""
    network = Network([*subnets(), acl("west", ingress=[], egress=[])])
    ends = [End(place=name, addresses=(), subnet=network.subnets[urn(SUBNET, "west")]) for name in ("one", "other")]

    assert path(network, ends[0], ends[1], Port("TCP", 5432)).verdict is Verdict.YES


def test_a_subnet_without_an_acl_has_the_default_one() -> None:
    """AWS's default ACL allows everything; one that is a resource of the plan has the rules of that resource."""
    own = {"defaultNetworkAclId": urn(VPC, "vpc")}

    assert ask().verdict is Verdict.YES
    assert ask(made(DEFAULT, "default", {"ingress": [], "egress": []}, **own)).verdict is Verdict.NO
    assert ask(made(DEFAULT, "default", {"ingress": OPEN, "egress": OPEN}, **own)).verdict is Verdict.YES


numbers = st.lists(st.integers(1, 9), min_size=1, max_size=3, unique=True)


@settings(max_examples=40)
@given(numbers, st.data())
def test_rule_resources_are_equivalent_to_inline_rules(order: list[int], data: st.DataObject) -> None:
    """Rules as separate resources give the same answer as rules in the ACL."""
    entries = [
        entry(
            number,
            data.draw(st.sampled_from(["allow", "deny"])),
            data.draw(st.sampled_from([0, 5432, 5433])),
            cidrBlock=data.draw(st.sampled_from(["0.0.0.0/0", WEST, "10.0.1.0/25"])),
        )
        for number in order
    ]
    empty = acl(ingress=[])
    rules = [
        made(RULE, f"rule-{each['ruleNo']}", _of_its_own(each), networkAclId=empty.urn)
        for each in data.draw(st.permutations(entries))
    ]

    assert _verdict(ask(empty, *rules)) is _verdict(ask(acl(ingress=entries)))


def _of_its_own(rule: dict[str, Any]) -> dict[str, Any]:
    names = {"ruleNo": "ruleNumber", "action": "ruleAction"}
    return {names.get(key, key): value for key, value in rule.items()} | {"egress": False}


def _verdict(found: Path) -> Verdict:
    return found.verdict


@pytest.mark.parametrize(("vpc", "verdict"), [("vpc", Verdict.NO), ("other", Verdict.YES)])
def test_a_default_acl_applies_to_its_own_vpc(vpc: str, verdict: Verdict) -> None:
    """Without rules it denies everything there, and nothing in another VPC."""
    closed = made(DEFAULT, "closed", {}, defaultNetworkAclId=urn(VPC, vpc))

    assert ask(OTHER_VPC, closed).verdict is verdict
