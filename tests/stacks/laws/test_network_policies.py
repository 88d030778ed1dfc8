"""The network policies of all services in every stack: which traffic their pods accept and send."""

import re
from typing import Any

from stacks.settings.service import ServiceSettings
from stacks.settings.services import NamedServiceSettings
from tests.stacks.laws.test_kubernetes import POLICY, selects
from tests.support.recorder import Recorded
from tests.support.services import bundled, named, services_of
from tests.support.worlds import World, every_world


def _rules(policy: Recorded, direction: str, peers: str) -> list[tuple[list[Any], list[tuple[str, int]]]]:
    spec = policy.inputs["spec"]
    assert spec["policyTypes"] == [direction.capitalize()]
    return [
        (
            [peer["ipBlock"] for peer in rule.get(peers, [])],
            [(port["protocol"], port["port"]) for port in rule["ports"]],
        )
        for rule in spec[direction]
    ]


def _subnets(world: World, tier: str) -> list[dict[str, str]]:
    return [
        {"cidr": subnet.inputs["cidrBlock"]}
        for subnet in world.all("aws:ec2/subnet:Subnet")
        if subnet.name.startswith(f"network-{tier}-")
    ]


@every_world
def test_network_policies_allow_only_the_listed_traffic(world: World) -> None:
    """Ingress comes from the load balancer, and egress goes to the dependencies of the service, with their ports."""
    settings = world.settings
    vpc = {"cidr": str(settings.network.cidr)}
    balancer, databases = (_subnets(world, tier) for tier in ("public", "database"))
    wanted = settings.service
    called = (wanted.upstream_url, wanted.otlp_endpoint, wanted.auth and wanted.auth.jwks_url)
    ports = _ports(wanted, *filter(None, called))

    assert [each.name for each in bundled(world).all(world, POLICY)] == [
        *(["workload-admin-ingress"] if wanted.admin_namespaces else []),
        "workload-app-egress",
        "workload-default-deny",
        "workload-server-ingress",
        *(["workload-worker-admin-ingress"] if wanted.admin_namespaces and bundled(world).workers else []),
    ]
    deny = world.only(POLICY, "workload-default-deny").inputs["spec"]
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert _rules(world.only(POLICY, "workload-server-ingress"), "ingress", "from") == [(balancer, [("TCP", 8080)])]
    if wanted.admin_namespaces:
        (rule,) = world.only(POLICY, "workload-admin-ingress").inputs["spec"]["ingress"]
        ((peer,), (port,)) = rule["from"], rule["ports"]
        assert peer["namespaceSelector"]["matchExpressions"][0]["values"] == [*wanted.admin_namespaces]
        assert (port["protocol"], port["port"]) == ("TCP", wanted.admin_port)
        if bundled(world).workers:
            policy = world.only(POLICY, "workload-worker-admin-ingress").inputs["spec"]
            assert selects(policy["podSelector"]["matchLabels"], bundled(world).templates(world)["worker"])
            (rule,) = policy["ingress"]
            assert (rule["from"], rule["ports"]) == ([peer], [{"protocol": "TCP", "port": 8080}])
    egress = world.only(POLICY, "workload-app-egress")
    assert _rules(egress, "egress", "to") == [
        ([], [("UDP", 53), ("TCP", 53)]),
        (databases, [("TCP", 5432)]),
        ([{"cidr": "169.254.170.23/32"}], [("TCP", 80)]),
        ([vpc], [("TCP", 443)]),
        *(([{"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}], [("TCP", port)]) for port in ports),
    ]
    selector = egress.inputs["spec"]["podSelector"]["matchLabels"]
    assert all(selects(selector, template) for template in bundled(world).templates(world).values())


@every_world
def test_network_policies_of_named_services_allow_only_the_listed_traffic(world: World) -> None:
    """Ingress comes from the load balancer, and egress goes to what the settings of the service request."""
    vpc = {"cidr": str(world.settings.network.cidr)}
    balancer, databases = (_subnets(world, tier) for tier in ("public", "database"))
    for service in named(world):
        assert [each.name.removeprefix(f"{service.workload}-") for each in service.all(world, POLICY)] == [
            "app-egress",
            "default-deny",
            "server-ingress",
        ]
        deny, ingress, egress = (
            service.only(world, POLICY, part) for part in ("default-deny", "server-ingress", "app-egress")
        )
        assert deny.inputs["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
        assert _rules(ingress, "ingress", "from") == [(balancer, [("TCP", service.port)])]
        ports = _ports(world.settings.services[service.app])
        assert _rules(egress, "egress", "to") == [
            ([], [("UDP", 53), ("TCP", 53)]),
            *([(databases, [("TCP", 5432)])] if service.user else []),
            *([([{"cidr": "169.254.170.23/32"}], [("TCP", 80)])] if service.user or service.queue else []),
            *([([vpc], [("TCP", 443)])] if service.queue else []),
            *(([{"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}], [("TCP", port)]) for port in ports),
        ]
        selector = egress.inputs["spec"]["podSelector"]["matchLabels"]
        assert all(selects(selector, template) for template in service.templates(world).values())
    spaces = {each.inputs["metadata"]["namespace"] for each in world.all(POLICY)}
    assert spaces == {service.namespace for service in services_of(world)}


def _ports(wanted: ServiceSettings | NamedServiceSettings, *called: str) -> list[int]:
    """Return the ports of `egressPorts`, of URLs in the environment, and of further ones."""
    further = (
        value for value in wanted.environment.values() if re.match(r"(https?://|[a-z]+://[a-z0-9.-]+:\d)", value)
    )
    return sorted({*wanted.egress_ports, *(_port(url) for url in (*called, *further))})


def _port(url: str) -> int:
    scheme, _, rest = url.partition("://")
    _, _, port = rest.partition("/")[0].partition(":")
    return int(port) if port else {"http": 80, "https": 443}[scheme]
