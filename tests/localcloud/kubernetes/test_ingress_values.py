"""Values of an Ingress's annotations that are refused, and similar ones that are accepted."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from localcloud.kubernetes.ingress import problems
from localcloud.protocol.values import UNKNOWN

ALB = "alb.ingress.kubernetes.io/"
CERTIFICATE = "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
WEB_ACL = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/web/1"
# Annotation, refused value, accepted value.
VALUES = [
    ("scheme", "public", "internet-facing"),
    ("scheme", "Internal", "internal"),
    ("ip-address-type", "ipv6", "dualstack-without-public-ipv4"),
    ("target-type", "pod", "ip"),
    ("backend-protocol", "http", "HTTP"),
    ("backend-protocol-version", "HTTP3", "GRPC"),
    ("healthcheck-protocol", "TCP", "HTTPS"),
    ("healthcheck-path", "health", "/health"),
    ("healthcheck-port", "0", "traffic-port"),
    ("healthcheck-interval-seconds", "301", "300"),
    ("healthcheck-interval-seconds", "5s", "15"),
    ("healthcheck-timeout-seconds", "1", "2"),
    ("healthy-threshold-count", "11", "10"),
    ("unhealthy-threshold-count", "1", "2"),
    ("success-codes", "OK", "200-299"),
    ("listen-ports", "443", '[{"HTTPS": 443}]'),
    ("listen-ports", '[{"HTTPS": 65536}]', '[{"HTTP": 80}, {"HTTPS": 65535}]'),
    ("listen-ports", '[{"TCP": 80}]', '[{"HTTP": 80}]'),
    ("listen-ports", '[{"HTTP": "80"}]', '[{"HTTP": 80}]'),
    ("ssl-redirect", "true", "443"),
    ("certificate-arn", "certificate", CERTIFICATE),
    ("certificate-arn", f"{CERTIFICATE},none", f"{CERTIFICATE}, {CERTIFICATE}"),
    ("ssl-policy", "TLS-1-2", "ELBSecurityPolicy-TLS13-1-2-2021-06"),
    ("inbound-cidrs", "10.0.0.0/33", "10.0.0.0/8, 2001:db8::/32"),
    ("inbound-cidrs", "", "0.0.0.0/0"),
    ("manage-backend-security-group-rules", "yes", "true"),
    ("load-balancer-attributes", "idle_timeout.timeout_seconds=4001", "idle_timeout.timeout_seconds=4000"),
    ("load-balancer-attributes", "idle_timeout", "idle_timeout.timeout_seconds=60,routing.http2.enabled=true"),
    ("load-balancer-attributes", "routing.http2.enabled=on", "routing.http2.enabled=false"),
    ("target-group-attributes", "slow_start.duration_seconds=29", "slow_start.duration_seconds=0"),
    ("target-group-attributes", "stickiness.type=source_ip", "stickiness.type=lb_cookie,stickiness.enabled=true"),
    ("tags", "team", "team=red"),
    ("group.order", "1001", "-1000"),
    ("wafv2-acl-arn", "web", WEB_ACL),
    ("wafv2-acl-arn", WEB_ACL.replace("regional", "global"), "none"),
    ("auth-on-unauthenticated-request", "redirect", "deny"),
    ("auth-type", "basic", "cognito"),
    ("load-balancer-name", "internal-web", "web-internal"),
    ("subnets", " , ", "subnet-1,subnet-2"),
    ("actions.redirect", "redirect", '{"type": "redirect"}'),
    ("conditions.web", "{}", "[]"),
]


def refused(**annotations: str) -> list[str]:
    named = {f"{ALB}{name}": text for name, text in annotations.items()}
    return list(problems({"kind": "Ingress", "metadata": {"name": "web", "annotations": named}}))


@pytest.mark.parametrize(("name", "wrong", "right"), VALUES)
def test_the_message_names_the_refused_value_and_the_accepted_ones(name: str, wrong: str, right: str) -> None:
    (found,) = refused(**{name: wrong})

    assert found.startswith(f"annotation {ALB}{name} is {wrong!r}; accepted is ")
    assert refused(**{name: right}) == refused(**{name: UNKNOWN}) == []


@settings(deadline=None, max_examples=60)
@given(st.none() | st.integers(5, 300), st.none() | st.integers(2, 120))
@example(None, 15)
@example(None, 14)
@example(5, None)
@example(6, None)
def test_the_timeout_of_a_health_check_has_to_be_shorter_than_its_interval(
    interval: int | None, timeout: int | None
) -> None:
    """The controller's defaults are an interval of 15 s and a timeout of 5 s."""
    given_ = {"healthcheck-interval-seconds": interval, "healthcheck-timeout-seconds": timeout}
    found = refused(**{name: str(value) for name, value in given_.items() if value is not None})

    assert bool(found) is ((15 if interval is None else interval) <= (5 if timeout is None else timeout))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 65_535), min_size=1, max_size=3), st.integers(1, 65_535))
def test_a_redirect_needs_a_port_with_a_listener(ports: list[int], target: int) -> None:
    listens = json.dumps([{"HTTP": 80}, *({"HTTPS": port} for port in ports)])

    assert refused(**{"listen-ports": listens, "ssl-redirect": str(ports[0])}) == []
    assert bool(refused(**{"listen-ports": listens, "ssl-redirect": str(target)})) is (target not in ports)


@settings(deadline=None, max_examples=80)
@given(st.sampled_from(sorted({name for name, _, _ in VALUES})), st.text(max_size=30))
def test_any_text_is_accepted_or_refused_without_an_error(name: str, text: str) -> None:
    assert all(isinstance(sentence, str) for sentence in refused(**{name: text}))
