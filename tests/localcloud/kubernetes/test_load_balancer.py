"""Services that EKS refuses, and similar ones that it accepts. Nothing is deployed."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.kubernetes.load_balancer import is_ours, problems
from localcloud.protocol.values import UNKNOWN
from tests.support.worlds import WORLDS, world_of

PREFIX = "service.beta.kubernetes.io/aws-load-balancer-"
# Annotation, refused value, accepted value.
VALUES = [
    ("scheme", "public", "internet-facing"),
    ("scheme", "Internal", "internal"),
    ("internal", "yes", "true"),
    ("nlb-target-type", "pod", "ip"),
    ("ip-address-type", "ipv6", "dualstack"),
    ("proxy-protocol", "true", "*"),
    ("healthcheck-protocol", "UDP", "HTTP"),
    ("healthcheck-protocol", "gRPC", "https"),
    ("healthcheck-path", "health", "/health"),
    ("healthcheck-path", "/" + "a" * 1024, "/" + "a" * 1023),
    ("healthcheck-port", "0", "8080"),
    ("healthcheck-port", "Traffic Port", "traffic-port"),
    ("healthcheck-success-codes", "OK", "200-299"),
    ("healthcheck-success-codes", "199", "200,204"),
    ("healthcheck-interval", "5s", "10"),
    ("healthcheck-interval", "301", "300"),
    ("healthcheck-timeout", "1", "2"),
    ("healthcheck-healthy-threshold", "1", "2"),
    ("healthcheck-unhealthy-threshold", "11", "10"),
    (
        "target-group-attributes",
        "deregistration_delay.timeout_seconds=3601",
        "deregistration_delay.timeout_seconds=3600",
    ),
    ("target-group-attributes", "preserve_client_ip.enabled", "preserve_client_ip.enabled=true"),
    ("target-group-attributes", "preserve_client_ip.enabled=yes", "preserve_client_ip.enabled=false"),
    ("target-group-attributes", "stickiness.type=lb_cookie", "stickiness.enabled=true,stickiness.type=source_ip"),
    ("attributes", "deletion_protection.enabled=on", "deletion_protection.enabled=true"),
    ("attributes", "=true", "access_logs.s3.bucket=logs"),
    ("alpn-policy", "h2", "HTTP2Preferred"),
    ("name", "internal-api", "api-internal"),
    ("name", "a" * 33, "a" * 32),
    ("name", "api_1", "api-1"),
    ("additional-resource-tags", "team", "team=platform"),
    ("ssl-ports", "8443", "443"),
    ("ssl-ports", "https", "web, 443"),
    ("manage-backend-security-group-rules", "no", "false"),
]


def service(annotations: Any, **spec: Any) -> dict[str, Any]:
    ports = [{"name": "web", "port": 443, "targetPort": "http"}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "web", "annotations": annotations},
        "spec": {"type": "LoadBalancer", "ports": ports, **spec},
    }


def refused(**annotations: str) -> list[str]:
    """Return the refusals for annotations, given without their prefix and with _ instead of -."""
    return list(problems(service({PREFIX + name.replace("_", "-"): value for name, value in annotations.items()})))


@pytest.mark.parametrize(("name", "wrong", "right"), VALUES)
def test_the_message_names_the_refused_value_and_the_accepted_ones(name: str, wrong: str, right: str) -> None:
    (problem,) = refused(**{name: wrong})

    assert f"{PREFIX}{name}" in problem
    assert refused(**{name: right}) == []


@settings(deadline=None, max_examples=200)
@given(interval=st.none() | st.integers(5, 300), timeout=st.none() | st.integers(2, 120))
def test_refuses_a_health_check_interval_below_its_timeout(interval: int | None, timeout: int | None) -> None:
    """Both default to 10 s."""
    wanted = {"healthcheck_interval": interval, "healthcheck_timeout": timeout}
    found = refused(**{name: str(value) for name, value in wanted.items() if value is not None})

    assert bool(found) == ((interval or 10) < (timeout or 10))


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(["healthcheck_interval", "healthcheck_timeout", "healthcheck_healthy_threshold"]), st.text())
def test_refuses_a_text_that_is_not_a_number(name: str, text: str) -> None:
    if not (text.isascii() and text.isdigit()):
        assert refused(**{name: text})


@pytest.mark.parametrize(("target_type", "count"), [(None, 1), ("instance", 1), ("ip", 0)])
def test_target_type_instance_needs_node_ports(target_type: str | None, count: int) -> None:
    """Instance is Auto Mode's default target type."""
    annotations = {f"{PREFIX}nlb-target-type": target_type} if target_type else {}

    assert list(problems(service(annotations))) == []
    found = list(problems(service(annotations, allocateLoadBalancerNodePorts=False)))
    assert [problem.partition(",")[0] for problem in found] == ["targets of type instance need node ports"] * count


def test_address_annotations_need_the_matching_scheme() -> None:
    assert refused(eip_allocations="eipalloc-1")
    assert refused(eip_allocations="eipalloc-1", scheme="internet-facing") == []
    assert refused(private_ipv4_addresses="10.0.0.5", scheme="internet-facing")
    assert refused(private_ipv4_addresses="10.0.0.5") == []


def test_source_ranges_have_to_be_networks() -> None:
    key = "service.beta.kubernetes.io/load-balancer-source-ranges"
    for text, count in (("10.0.0.0/8, 192.0.2.0/24", 0), ("10.0.0.1/8", 1), ("everywhere", 1)):
        assert len(list(problems(service({key: text})))) == count


@pytest.mark.parametrize(
    "annotations",
    [
        UNKNOWN,
        {f"{PREFIX}healthcheck-timeout": UNKNOWN, f"{PREFIX}healthcheck-interval": "5"},
        {PREFIX + "name": UNKNOWN},
    ],
)
def test_accepts_values_that_a_preview_does_not_know(annotations: Any) -> None:
    assert list(problems(service(annotations))) == []
    assert list(problems({**service({}), "spec": UNKNOWN})) == []


@pytest.mark.parametrize(
    ("spec", "ours"),
    [
        ({"type": "LoadBalancer"}, True),
        ({"type": "LoadBalancer", "loadBalancerClass": "eks.amazonaws.com/nlb"}, True),
        ({"type": "LoadBalancer", "loadBalancerClass": "example.com/other"}, False),
        ({"type": "ClusterIP"}, False),
    ],
)
def test_ignores_services_of_another_load_balancer_class(spec: dict[str, str], ours: bool) -> None:
    wrong = service({f"{PREFIX}scheme": "public"})

    assert is_ours({"spec": spec}) is ours
    assert bool(list(problems({**wrong, "spec": spec}))) is ours


@pytest.mark.parametrize("name", WORLDS)
def test_no_service_of_the_program_is_refused(name: str) -> None:
    """Checked are every stack and drawn settings."""
    services = world_of(name).all("kubernetes:core/v1:Service")

    assert services
    assert [list(problems({"kind": "Service", **each.inputs})) for each in services] == [[]] * len(services)
