"""Laws of the edge, for every stack and for drawn settings: who is served how, and times that fit together."""

from typing import Any

from app.settings import Settings as AppSettings
from tests.support.worlds import World, every_world

LISTENER, RECORD = "aws:lb/listener:Listener", "aws:route53/record:Record"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
TARGETS, BALANCER = "aws:lb/targetGroup:TargetGroup", "aws:lb/loadBalancer:LoadBalancer"
KUBELET_SECONDS = 5  # the least that is left between the last request and the kill


def servers(world: World) -> dict[str, Any]:
    pod: dict[str, Any] = world.only("kubernetes:apps/v1:Deployment", "workload-deployment").inputs["spec"]
    return pod


def variables(world: World) -> dict[str, str]:
    config: dict[str, str] = world.only("kubernetes:core/v1:ConfigMap", "workload-config").inputs["data"]
    return config


@every_world
def test_times_of_the_edge_and_the_service_fit_together(world: World) -> None:
    """No request is lost to a time that ends before another.

    An idle connection is ended by the load balancer, never by the service, which could end it under a request. The
    load balancer waits longer than a request may take. A target is deregistered while its pod still lives, and a pod
    is found unhealthy, or healthy, long before a release fails.
    """
    target, balancer = world.only(TARGETS).inputs, world.only(BALANCER).inputs
    check, spec, config = target["healthCheck"], servers(world), variables(world)
    pod = spec["template"]["spec"]
    pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    drain, shutdown = int(config["DRAIN_SECONDS"]), int(config["SHUTDOWN_GRACE_SECONDS"])
    request = AppSettings.model_fields["request_timeout_seconds"].default

    assert request < balancer["idleTimeout"] < int(config["KEEP_ALIVE_SECONDS"])
    assert target["deregistrationDelay"] >= min(request, shutdown)
    assert target["deregistrationDelay"] <= pause + drain + shutdown
    assert pod["terminationGracePeriodSeconds"] >= pause + drain + shutdown + KUBELET_SECONDS
    assert check["timeout"] < check["interval"]
    healthy = check["interval"] * check["healthyThreshold"]
    assert healthy + spec["minReadySeconds"] < spec["progressDeadlineSeconds"]
    assert check["path"] == pod["containers"][0]["readinessProbe"]["httpGet"]["path"]


@every_world
def test_the_load_balancer_listens_as_the_settings_say(world: World) -> None:
    """HTTPS where there is a domain or a certificate, on its port, to which HTTP redirects unless it is served."""
    wanted = world.settings.edge
    secure = bool(wanted.domain or wanted.certificate_arn)
    ports = {each.inputs["protocol"]: each.inputs["port"] for each in world.all(LISTENER)}

    assert ports == {"HTTP": wanted.http_port} | ({"HTTPS": wanted.https_port} if secure else {})
    for listener in world.all(LISTENER):
        [action] = listener.inputs["defaultActions"]
        if action["type"] == "redirect":
            assert (listener.inputs["protocol"], wanted.http) != ("HTTP", "forward")
            assert action["redirect"]["port"] == str(wanted.https_port)
        elif listener.inputs["protocol"] == "HTTP":
            assert wanted.scheme == "internal"
        else:
            assert listener.inputs["certificateArn"] == (wanted.certificate_arn or _issued(world))


def _issued(world: World) -> str:
    return str(world.only("aws:acm/certificateValidation:CertificateValidation").inputs["certificateArn"])


@every_world
def test_records_are_made_for_a_domain(world: World) -> None:
    """The alias, and the one that validates the certificate unless one is given."""
    wanted = world.settings.edge
    names = {each.name for each in world.all(RECORD)}
    made = {"edge-validation"} if wanted.domain and not wanted.certificate_arn else set()

    assert names == ({"edge-alias"} if wanted.domain else set()) | made
    if wanted.domain:
        assert world.only(RECORD, "edge-alias").inputs["name"] == wanted.domain


@every_world
def test_clients_reach_the_listeners_only(world: World) -> None:
    """The internet or the VPC and its peers, at the ports that listen; and the load balancer reaches the pods' port."""
    network, wanted = world.settings.network, world.settings.edge
    group = world.only("aws:ec2/securityGroup:SecurityGroup", "edge-load-balancer")
    inside = {str(cidr) for cidr in (network.cidr, *network.peer_cidrs)}
    clients = {"0.0.0.0/0"} if wanted.scheme == "internet-facing" else inside
    rules = [each.inputs for each in world.all(INGRESS)]
    own = [rule for rule in rules if world.owner(rule["securityGroupId"]) is group]

    assert {(rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) for rule in own} == {
        (cidr, each.inputs["port"], each.inputs["port"]) for cidr in clients for each in world.all(LISTENER)
    }
    [out] = [rule.inputs for rule in world.all(EGRESS)]
    port = servers(world)["template"]["spec"]["containers"][0]["ports"][0]["containerPort"]
    assert (out["fromPort"], out["toPort"]) == (port, port) == (world.only(TARGETS).inputs["port"],) * 2


@every_world
def test_the_service_trusts_the_load_balancer_only(world: World) -> None:
    """Forwarded addresses count where they come from its subnets, and nobody else is in these."""
    subnets = [each for each in world.all("aws:ec2/subnet:Subnet") if each.name.startswith("network-public-")]

    assert variables(world)["TRUSTED_PROXY_CIDRS"].split(",") == [each.inputs["cidrBlock"] for each in subnets]
    assert [world.owner(id_) for id_ in world.only(BALANCER).inputs["subnets"]] == subnets


@every_world
def test_the_firewall_is_in_front_unless_it_is_turned_off(world: World) -> None:
    """With a limit as high as all pods together would serve one client; 0 there is none here."""
    service = world.settings.service
    acls = world.all("aws:wafv2/webAcl:WebAcl")
    limits = [
        rule["statement"]["rateBasedStatement"]["limit"]
        for acl in acls
        for rule in acl.inputs["rules"]
        if "rateBasedStatement" in rule["statement"]
    ]

    assert len(acls) == int(world.settings.edge.firewall)
    # WAF's highest limit: https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html
    served = min(service.rate_limit_per_second * service.max_replicas * 300, 2_000_000_000)
    assert limits == ([served] if acls and served else [])
