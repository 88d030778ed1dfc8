"""Breaks by network ACLs."""

from collections.abc import Callable
from typing import Any

from tests.infra.reach.breaks.model import NEEDS, Break
from tests.infra.reach.wiring import Wiring, made

ACL = "aws:ec2/networkAcl:NetworkAcl"


def _acl(subnet: str, **rules: list[dict[str, Any]]) -> Callable[[Wiring], Wiring]:
    def change(wiring: Wiring) -> Wiring:
        acl = made(ACL, "acl", {**rules}, vpcId=wiring["Vpc:network-vpc"].urn, subnetIds=wiring[f"Subnet:{subnet}"].urn)
        return wiring.add(acl)

    return change


def _entry(number: int, action: str, first: int = 0, last: int = 0, protocol: str = "tcp") -> dict[str, Any]:
    return {
        "ruleNo": number,
        "action": action,
        "protocol": protocol,
        "fromPort": first,
        "toPort": last,
        "cidrBlock": "0.0.0.0/0",
    }


ALL = [_entry(100, "allow", protocol="-1")]


BREAKS = [
    Break(
        name="an ACL denies PostgreSQL into a database subnet",
        change=_acl("network-database-a", ingress=[_entry(50, "deny", 5432, 5432), *ALL], egress=ALL),
        law=NEEDS,
        at="acl",
        says="network ACL acl of network-database-a: denies TCP 5432 from pods/server",
        remedy="allow TCP 5432 from",
    ),
    Break(
        name="an ACL denies the answers of a database subnet",
        change=_acl("network-database-b", ingress=ALL, egress=[_entry(100, "allow", 443, 443)]),
        law=NEEDS,
        at="acl",
        says="denies TCP 32768-60999 to pods/server",
        remedy="allow TCP 32768-60999 to",
    ),
    Break(
        name="an ACL allows a part of the ports of answers",
        change=_acl(
            "network-private-a", egress=ALL, ingress=[_entry(1, "allow", 1, 40000), _entry(2, "allow", 443, 443)]
        ),
        law=NEEDS,
        at="acl",
        says="denies a part of TCP 32768-60999 from",
        remedy="allow TCP 32768-60999 from",
    ),
]
