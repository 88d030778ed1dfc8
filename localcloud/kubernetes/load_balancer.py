"""Checks a Service for values that the load balancer controller of EKS Auto Mode, or ELB itself, would reject.

The API server accepts any annotation. On EKS an invalid one becomes visible only minutes later, when the load balancer
does not get an address. Sources of the table:

- annotations, their types and their defaults: https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-nlb.html,
  and https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/ for the open
  source controller, on which that of Auto Mode is based;
- limits of health checks: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html;
- attributes: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html and
  https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html.
"""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from localcloud.kubernetes.annotations import Check, boolean, items, matches, networks, number, one_of, pairs
from localcloud.kubernetes.reference import Manifest
from localcloud.protocol.values import UNKNOWN, is_unknown

CLASS = "eks.amazonaws.com/nlb"
PREFIX = "service.beta.kubernetes.io/aws-load-balancer-"
SOURCE_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
DEFAULT_SECONDS = 10  # default of both the interval and the timeout of a health check


def is_ours(service: Manifest) -> bool:
    """Return whether Auto Mode, whose load balancer class is the default, creates a load balancer for a Service."""
    spec = service.get("spec") or {}
    return bool(spec.get("type") == "LoadBalancer" and (spec.get("loadBalancerClass") or CLASS) == CLASS)


def problems(service: Manifest) -> Iterator[str]:
    """Yield the problems of a Service, one sentence each; nothing if another controller handles the Service.

    Values that are unknown during a preview are accepted.
    """
    if is_unknown(service.get("spec")) or not is_ours(service) or service.get("metadata") == UNKNOWN:
        return
    annotations = service["metadata"].get("annotations") or {}
    if annotations == UNKNOWN:
        return
    texts = {key: str(value) for key, value in annotations.items() if not is_unknown(value)}
    for key, text in texts.items():
        check = ANNOTATIONS.get(key.removeprefix(PREFIX)) if key.startswith(PREFIX) else OTHERS.get(key)
        accepted = check(text) if check else ""
        if accepted:
            yield f"annotation {key} is {text!r}; accepted is {accepted}"
    ours = {key.removeprefix(PREFIX): text for key, text in texts.items() if key.startswith(PREFIX)}
    if len(texts) == len(annotations):
        yield from _between(ours, service["spec"])


def _between(ours: Mapping[str, str], spec: Mapping[str, Any]) -> Iterator[str]:
    """Yield problems that result from the combination of several annotations or an annotation and the spec."""
    interval = _seconds(ours.get("healthcheck-interval"))
    timeout = _seconds(ours.get("healthcheck-timeout"))
    # Contrary to the error message, a Network Load Balancer accepts an interval that equals the timeout:
    # https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2951
    if interval is not None and timeout is not None and interval < timeout:
        yield (
            f"a health check every {interval} s with a timeout of {timeout} s is refused (ValidationError: Health "
            f"check interval must be greater than the timeout); set {PREFIX}healthcheck-timeout to less than the "
            "interval"
        )
    if ours.get("nlb-target-type") != "ip" and spec.get("allocateLoadBalancerNodePorts") is False:
        yield (
            "targets of type instance need node ports, and allocateLoadBalancerNodePorts is false; set "
            f"{PREFIX}nlb-target-type to ip"
        )
    internal = ours.get("scheme", "internal") == "internal"
    for name, wrong, scheme in (
        ("eip-allocations", internal, "internet-facing"),
        ("private-ipv4-addresses", not internal, "internal"),
    ):
        if name in ours and wrong:
            yield f"annotation {PREFIX}{name} is for a load balancer with the scheme {scheme}"
    listed = {str(port.get("port")) for port in spec.get("ports") or ()}
    listed |= {str(port.get("name")) for port in spec.get("ports") or ()}
    unused = [port for port in items(ours.get("ssl-ports", "")) if port not in listed]
    if unused:
        yield f"annotation {PREFIX}ssl-ports names {', '.join(unused)}, which is not a port of the Service"


def _seconds(text: str | None) -> int | None:
    if text is None:
        return DEFAULT_SECONDS
    return int(text) if re.fullmatch(r"\d{1,9}", text) else None


def _protocol(text: str) -> str:
    return "" if text.upper() in {"TCP", "HTTP", "HTTPS"} else "one of TCP, HTTP, HTTPS"


_true_or_false = partial(one_of, ("true", "false"))
_TARGET_GROUP: Mapping[str, Check] = {
    "deregistration_delay.timeout_seconds": partial(number, 0, 3600),
    "deregistration_delay.connection_termination.enabled": _true_or_false,
    "load_balancing.cross_zone.enabled": partial(one_of, ("true", "false", "use_load_balancer_configuration")),
    "preserve_client_ip.enabled": _true_or_false,
    "proxy_protocol_v2.enabled": _true_or_false,
    "stickiness.enabled": _true_or_false,
    "stickiness.type": partial(one_of, ("source_ip",)),
    "target_health_state.unhealthy.connection_termination.enabled": _true_or_false,
    "target_health_state.unhealthy.draining_interval_seconds": partial(number, 0, 360_000),
}
_LOAD_BALANCER: Mapping[str, Check] = {
    "access_logs.s3.enabled": _true_or_false,
    "deletion_protection.enabled": _true_or_false,
    "dns_record.client_routing_policy": partial(
        one_of, ("availability_zone_affinity", "partial_availability_zone_affinity", "any_availability_zone")
    ),
    "load_balancing.cross_zone.enabled": _true_or_false,
    "zonal_shift.config.enabled": _true_or_false,
}
ANNOTATIONS: Mapping[str, Check] = {
    "additional-resource-tags": partial(pairs, {}),
    "alpn-policy": partial(one_of, ("None", "HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred")),
    "attributes": partial(pairs, _LOAD_BALANCER),
    "cross-zone-load-balancing-enabled": boolean,
    "healthcheck-healthy-threshold": partial(number, 2, 10),
    "healthcheck-interval": partial(number, 5, 300),
    "healthcheck-path": partial(matches, r"/.{0,1023}", "a path of up to 1024 characters that starts with /"),
    "healthcheck-port": partial(
        matches, r"traffic-port|[1-9][0-9]{0,4}|(?=.*[a-z])[a-z0-9-]{1,15}", "traffic-port, a number or a port's name"
    ),
    "healthcheck-protocol": _protocol,
    "healthcheck-success-codes": partial(
        matches, r"[2-5][0-9]{2}([,-][2-5][0-9]{2})*", "codes from 200 to 599, such as 200,202 or 200-299"
    ),
    "healthcheck-timeout": partial(number, 2, 120),
    "healthcheck-unhealthy-threshold": partial(number, 2, 10),
    "internal": boolean,
    "ip-address-type": partial(one_of, ("ipv4", "dualstack")),
    "manage-backend-security-group-rules": boolean,
    "name": partial(
        matches,
        r"(?!internal-)[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?",
        "up to 32 letters, digits and hyphens, without a hyphen at an end, not beginning with internal-",
    ),
    "nlb-target-type": partial(one_of, ("ip", "instance")),
    "proxy-protocol": partial(one_of, ("*",)),
    "scheme": partial(one_of, ("internal", "internet-facing")),
    "target-group-attributes": partial(pairs, _TARGET_GROUP),
    "target-node-labels": partial(pairs, {}),
}
OTHERS: Mapping[str, Check] = {SOURCE_RANGES: networks}
