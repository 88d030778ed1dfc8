"""Changes that expose resources to the internet."""

from tests.infra.review.built import UNKNOWN
from tests.infra.review.hazards.cases.made import (
    BALANCER,
    CLUSTER,
    GROUP,
    INSTANCE,
    RULE,
    SCHEME,
    SERVICE,
    Case,
    api,
    created,
    replaced_by,
    rule,
    updated,
)

CASES: dict[str, Case] = {
    "the Kubernetes API answers more addresses": updated(
        CLUSTER,
        api("203.0.113.0/24"),
        api("203.0.113.0/24", "198.51.100.7/32"),
        ("network-exposure", "the Kubernetes API answers 198.51.100.7/32"),
    ),
    "the Kubernetes API answers fewer addresses": updated(CLUSTER, api("203.0.113.0/24"), api("203.0.113.7/32")),
    "the Kubernetes API answers the internet": updated(
        CLUSTER,
        api(public=False),
        {"vpcConfig": {}},
        ("network-exposure", "internet reaches kubernetes-api on TCP 443; the Kubernetes API answers 0.0.0.0/0"),
    ),
    "the Kubernetes API answers nobody": updated(CLUSTER, api(public=False), api("203.0.113.0/24", public=False)),
    "an endpoint that is not known yet": updated(CLUSTER, api(public=False), {"vpcConfig": UNKNOWN}),
    "addresses that were not known": updated(
        CLUSTER, {"vpcConfig": {"publicAccessCidrs": UNKNOWN}}, api("203.0.113.0/24")
    ),
    "addresses that are none": updated(CLUSTER, api("203.0.113.0/24"), api("203.0.113.0/24", "everybody")),
    "an endpoint that was not known": updated(CLUSTER, api(public=UNKNOWN), api("0.0.0.0/0")),
    "a database gets a public address": updated(
        INSTANCE,
        {},
        {"publiclyAccessible": True},
        ("network-exposure", "it gets a public address, so everybody can send requests to it"),
    ),
    "a database with a public address is created": created(
        INSTANCE,
        {"publiclyAccessible": True},
        ("network-exposure", "it gets a public address, so everybody can send requests to it"),
    ),
    "an internal load balancer is created": created(BALANCER, {"internal": True}),
    "a public load balancer is created": created(BALANCER, {}, ("network-exposure", "it faces the internet")),
    "a Service gets a public load balancer": updated(
        SERVICE,
        {"metadata": {}, "spec": {"type": "LoadBalancer"}},
        {"metadata": {"annotations": {SCHEME: "internet-facing"}}, "spec": {"type": "LoadBalancer"}},
        ("network-exposure", "its load balancer is open to everybody"),
    ),
    "a Service of another type is annotated": updated(
        SERVICE,
        {"metadata": {}, "spec": {"type": "ClusterIP"}},
        {"metadata": {"annotations": {SCHEME: "internet-facing"}}, "spec": {"type": "ClusterIP"}},
    ),
    "a database keeps its public address": updated(
        INSTANCE, {"publiclyAccessible": True}, {"publiclyAccessible": True, "port": 5433}
    ),
    "a database may have had a public address": updated(
        INSTANCE, {"publiclyAccessible": UNKNOWN}, {"publiclyAccessible": True}
    ),
    "a load balancer faces the internet": updated(
        BALANCER, {"internal": True}, {"internal": False}, ("network-exposure", "it faces the internet")
    ),
    "a load balancer no longer faces the internet": updated(BALANCER, {"internal": False}, {"internal": True}),
    "a load balancer still faces the internet": updated(BALANCER, {}, {"internal": False}),
    "a load balancer may face the internet": updated(BALANCER, {"internal": True}, {"internal": UNKNOWN}),
    "a rule admits the internet": created(
        RULE, rule("0.0.0.0/0"), ("network-exposure", "its rule admits 0.0.0.0/0 on tcp 443")
    ),
    "a rule admits other public addresses": updated(
        RULE,
        rule("203.0.113.0/24"),
        rule("1.0.0.0/8", 22),
        ("network-exposure", "its rule admits 1.0.0.0/8 on tcp 22"),
    ),
    "a rule admits the internet on another port": updated(
        RULE,
        rule("0.0.0.0/0", 443.0),
        rule("0.0.0.0/0", 22.0),
        ("network-exposure", "its rule admits 0.0.0.0/0 on tcp 22"),
    ),
    "a rule admits the internet on several ports": created(
        RULE,
        {**rule("0.0.0.0/0"), "toPort": 445},
        ("network-exposure", "its rule admits 0.0.0.0/0 on tcp 443-445"),
    ),
    "a rule without ports admits the internet": created(
        RULE,
        {"ipProtocol": "tcp", "cidrIpv4": "0.0.0.0/0"},
        ("network-exposure", "its rule admits 0.0.0.0/0 on all ports"),
    ),
    "a rule admits IPv4 instead of IPv6": updated(
        RULE,
        {"ipProtocol": "-1", "cidrIpv6": "::/0"},
        {"ipProtocol": "-1", "cidrIpv4": "8.8.8.0/24"},
        ("network-exposure", "its rule admits 8.8.8.0/24 on all ports"),
    ),
    "a rule of an address that is none": created(RULE, rule("everybody")),
    "an inline rule that was not known": updated(
        GROUP, {"ingress": UNKNOWN}, {"ingress": [{"protocol": "-1", "cidrBlocks": ["0.0.0.0/0"]}]}
    ),
    "a rule admits fewer addresses": updated(RULE, rule("0.0.0.0/0"), rule("8.8.8.0/24")),
    "a rule admits private addresses": created(RULE, rule("10.0.0.0/8")),
    "a rule for addresses that were not known": updated(RULE, rule(UNKNOWN), rule("0.0.0.0/0")),
    "an inline rule admits the internet": updated(
        GROUP,
        {"ingress": []},
        {"ingress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}]},
        ("network-exposure", "its rule admits 0.0.0.0/0 on all ports"),
    ),
    "a rule admits the internet on fewer ports": updated(RULE, {**rule("0.0.0.0/0"), "toPort": 445}, rule("0.0.0.0/0")),
    "a rule no longer admits the internet on all ports": updated(
        RULE, {"ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"}, rule("0.0.0.0/0")
    ),
    "a rule admits the internet by another protocol": updated(
        RULE,
        rule("0.0.0.0/0"),
        {**rule("0.0.0.0/0"), "ipProtocol": "udp"},
        ("network-exposure", "its rule admits 0.0.0.0/0 on udp 443"),
    ),
    "a rule admits the internet to another group": replaced_by(
        RULE,
        {"securityGroupId": "sg-1", **rule("0.0.0.0/0")},
        {"securityGroupId": "sg-2", **rule("0.0.0.0/0")},
        ("network-exposure", "its rule admits 0.0.0.0/0 on tcp 443"),
    ),
    "a rule of a group that is replaced": replaced_by(
        RULE,
        {"securityGroupId": "sg-1", **rule("0.0.0.0/0")},
        {"securityGroupId": UNKNOWN, **rule("0.0.0.0/0")},
    ),
    "the Kubernetes API answers the same addresses as one range": updated(
        CLUSTER, api("203.0.113.0/25", "203.0.113.128/25"), api("203.0.113.0/24")
    ),
}
