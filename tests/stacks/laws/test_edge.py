"""The edge in every stack and with drawn settings: listeners, certificates, firewall, CloudFront and timeouts."""

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

import pytest

from app.core.http.client_address import client_address
from app.settings import Settings as AppSettings
from tests.support.fake_outputs import ORIGIN_FACING
from tests.support.services import DEPLOYMENT, Service, bundled, services_of
from tests.support.worlds import WORLDS, World, every_world, world_of

LISTENER, RECORD = "aws:lb/listener:Listener", "aws:route53/record:Record"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
RULE, DISTRIBUTION = "aws:lb/listenerRule:ListenerRule", "aws:cloudfront/distribution:Distribution"
TARGETS, BALANCER = "aws:lb/targetGroup:TargetGroup", "aws:lb/loadBalancer:LoadBalancer"
KUBELET_SECONDS = 5  # minimum between the last request and the kill


def servers(world: World, service: Service) -> dict[str, Any]:
    spec: dict[str, Any] = service.only(world, DEPLOYMENT, "deployment").inputs["spec"]
    return spec


def variables(world: World) -> Mapping[str, str]:
    return bundled(world).config(world)


@every_world
def test_timeouts_of_edge_and_service_are_consistent(world: World) -> None:
    """No request is lost because one timeout is shorter than another.

    The load balancer closes idle connections, not the service, which could close one during a request. The load
    balancer waits longer than a request may take. A target is deregistered while its pod still serves, and health
    checks decide long before a release fails. How long a request may take, and when idle connections are closed, is
    only known of the bundled service.
    """
    request = AppSettings.model_fields["request_timeout_seconds"].default
    idle = world.only(BALANCER).inputs["idleTimeout"]
    assert request < idle < int(bundled(world).config(world)["KEEP_ALIVE_SECONDS"])

    for service in services_of(world):
        target, config = world.only(TARGETS, service.targets).inputs, service.config(world)
        check, spec = target["healthCheck"], servers(world, service)
        pod = spec["template"]["spec"]
        pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
        drain, shutdown = int(config["DRAIN_SECONDS"]), int(config["SHUTDOWN_GRACE_SECONDS"])

        assert target["deregistrationDelay"] >= (min(request, shutdown) if service.bundled else shutdown)
        assert target["deregistrationDelay"] <= pause + drain + shutdown
        assert pod["terminationGracePeriodSeconds"] >= pause + drain + shutdown + KUBELET_SECONDS
        assert check["timeout"] < check["interval"]
        healthy = check["interval"] * check["healthyThreshold"]
        assert healthy + spec["minReadySeconds"] < spec["progressDeadlineSeconds"]
        assert check["path"] == pod["containers"][0]["readinessProbe"]["httpGet"]["path"]


@every_world
def test_listeners_follow_the_settings(world: World) -> None:
    """With a domain or certificate there is an HTTPS listener, to which HTTP redirects unless it is forwarded."""
    wanted = world.settings.edge
    secure = bool(wanted.domain or wanted.certificate_arn)
    ports = {each.inputs["protocol"]: each.inputs["port"] for each in world.all(LISTENER)}
    plain = {} if wanted.cloudfront else {"HTTP": wanted.http_port}

    assert ports == plain | ({"HTTPS": wanted.https_port} if secure else {})
    for listener in world.all(LISTENER):
        [action] = listener.inputs["defaultActions"]
        assert (action["type"] == "fixed-response") is bool(wanted.cloudfront)
        if action["type"] == "redirect":
            assert (listener.inputs["protocol"], wanted.http) != ("HTTP", "forward")
            assert action["redirect"]["port"] == str(wanted.https_port)
        elif listener.inputs["protocol"] == "HTTP":
            assert wanted.scheme == "internal"
        else:
            assert listener.inputs["certificateArn"] == (wanted.certificate_arn or _issued(world))


def _issued(world: World) -> str:
    return str(
        world.only("aws:acm/certificateValidation:CertificateValidation", "edge-issued").inputs["certificateArn"]
    )


@every_world
def test_creates_dns_records_for_a_domain(world: World) -> None:
    """There is an alias, also for the host of each service, and a record that validates the certificate unless one is
    given.
    """
    wanted = world.settings.edge
    names = {each.name for each in world.all(RECORD)}
    made = {"edge-validation"} if wanted.domain and not wanted.certificate_arn else set()

    made |= {"cloudfront-ipv6-alias"} if wanted.cloudfront else set()
    hosts = {f"{name}-alias": each.route.host for name, each in world.settings.services.items() if each.route.host}
    further = {name: host for name, host in hosts.items() if wanted.domain not in (None, host)}
    assert names == ({"edge-alias"} if wanted.domain else set()) | made | set(further)
    for name, host in further.items():
        assert world.only(RECORD, name).inputs["name"] == host
        assert world.owner(world.only(RECORD, name).inputs["aliases"][0]["name"]) is world.only(BALANCER)
    if wanted.domain:
        alias = world.only(RECORD, "edge-alias").inputs
        assert alias["name"] == wanted.domain
        front = world.only(DISTRIBUTION if wanted.cloudfront else BALANCER)
        assert world.owner(alias["aliases"][0]["name"]) is front


@every_world
def test_clients_reach_the_listeners_only(world: World) -> None:
    """Clients (internet, CloudFront, or VPC and peers) reach the listeners; the load balancer reaches the pods."""
    network, wanted = world.settings.network, world.settings.edge
    group = world.only("aws:ec2/securityGroup:SecurityGroup", "edge-load-balancer")
    inside = {str(cidr) for cidr in (network.cidr, *network.peer_cidrs)}
    clients = {"0.0.0.0/0"} if wanted.scheme == "internet-facing" else inside
    if wanted.cloudfront:
        clients = {ORIGIN_FACING}
    rules = [each.inputs for each in world.all(INGRESS)]
    own = [rule for rule in rules if world.owner(rule["securityGroupId"]) is group]

    found = {(rule.get("cidrIpv4") or rule["prefixListId"], rule["fromPort"], rule["toPort"]) for rule in own}
    assert found == {(who, each.inputs["port"], each.inputs["port"]) for who in clients for each in world.all(LISTENER)}
    let_out = {(each.inputs["fromPort"], each.inputs["toPort"]) for each in world.all(EGRESS)}
    assert let_out == {(service.port, service.port) for service in services_of(world)}
    for service in services_of(world):
        port = servers(world, service)["template"]["spec"]["containers"][0]["ports"][0]["containerPort"]
        assert port == world.only(TARGETS, service.targets).inputs["port"] == service.port


@every_world
def test_the_service_trusts_the_load_balancer_only(world: World) -> None:
    """Forwarded addresses are trusted from its subnets, which are the public ones."""
    subnets = [each for each in world.all("aws:ec2/subnet:Subnet") if each.name.startswith("network-public-")]

    assert variables(world)["TRUSTED_PROXY_CIDRS"].split(",") == [each.inputs["cidrBlock"] for each in subnets]
    assert [world.owner(id_) for id_ in world.only(BALANCER).inputs["subnets"]] == subnets


@every_world
def test_the_firewall_follows_the_settings(world: World) -> None:
    """Its limit is the rate that all pods together would serve one client; a limit of 0 means none."""
    service = world.settings.service
    acls = world.all("aws:wafv2/webAcl:WebAcl")
    limits = [
        rule["statement"]["rateBasedStatement"]["limit"]
        for acl in acls
        for rule in acl.inputs["rules"]
        if "rateBasedStatement" in rule["statement"]
    ]

    assert len(acls) == int(world.settings.edge.firewall)
    # A regional one would see the addresses of CloudFront.
    scopes = {"CLOUDFRONT" if world.settings.edge.cloudfront else "REGIONAL"} if acls else set()
    assert {acl.inputs["scope"] for acl in acls} == scopes
    # WAF's highest limit: https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html
    served = min(service.rate_limit_per_second * service.max_replicas * 300, 2_000_000_000)
    assert limits == ([served] if acls and served else [])


@every_world
def test_finds_the_address_of_a_client_with_and_without_cloudfront(world: World) -> None:
    """Each proxy appends the address of its caller; addresses that the client wrote itself are ignored."""
    config = variables(world)
    trusted = [ip_network(cidr) for cidr in config["TRUSTED_PROXY_CIDRS"].split(",")]
    balancer, client = str(trusted[0][10]), "203.0.113.9"
    edges = ["130.176.1.2"] if world.settings.edge.cloudfront else []

    hops = int(config.get("TRUSTED_HOPS", "0"))
    assert client_address(balancer, [", ".join(["198.51.100.1", client, *edges])], trusted, hops) == client


@every_world
def test_cloudfront_follows_the_settings(world: World) -> None:
    """The distribution has the domain and its own certificate; its resources are in us-east-1, as AWS requires."""
    fronts = world.all(DISTRIBUTION)
    assert len(fronts) == int(world.settings.edge.cloudfront is not None)
    for front in fronts:
        assert front.inputs["aliases"] == [world.settings.edge.domain]
        certificate = world.owner(front.inputs["viewerCertificate"]["acmCertificateArn"])
        assert (certificate.name, certificate.inputs["region"]) == ("cloudfront-certificate", "us-east-1")
        beside = [each for each in world.recording.children("cloudfront") if "route53" not in each.type]
        assert {each.inputs["region"] for each in beside if each is not front} == {"us-east-1"}
        assert [world.owner(acl).type for acl in [front.inputs.get("webAclId")] if acl] == (
            ["aws:wafv2/webAcl:WebAcl"] if world.settings.edge.firewall else []
        )


@every_world
def test_only_requests_with_the_key_are_forwarded(world: World) -> None:
    """The distribution sends the first of two keys that each forwarding rule accepts, and depends on these rules."""
    for front in world.all(DISTRIBUTION):
        [header] = front.inputs["origins"][0]["customHeaders"]
        rules = world.all(RULE)
        assert rules
        for rule in rules:
            asked = [each["httpHeader"] for each in rule.inputs["conditions"] if "httpHeader" in each]
            assert [each["httpHeaderName"] for each in asked] == [header["name"]]
            assert asked[0]["values"][0] == header["value"]
            assert len(set(asked[0]["values"])) == 2
            assert rule.urn in world.recording.waits_for(front)
        assert "origins" in front.secret_inputs
        assert all("conditions" in rule.secret_inputs for rule in rules)


@every_world
def test_timeouts_of_cloudfront_and_load_balancer_are_consistent(world: World) -> None:
    """CloudFront closes idle connections first, and waits longer for an answer."""
    for front in world.all(DISTRIBUTION):
        origin, idle = front.inputs["origins"][0]["customOriginConfig"], world.only(BALANCER).inputs["idleTimeout"]
        assert origin["originKeepaliveTimeout"] < idle < origin["originReadTimeout"] <= 120


@pytest.mark.parametrize("fronted", [False, True])
def test_worlds_with_and_without_cloudfront_exist(fronted: bool) -> None:
    """The tests above cover both."""
    assert fronted in {world_of(name).settings.edge.cloudfront is not None for name in WORLDS}
