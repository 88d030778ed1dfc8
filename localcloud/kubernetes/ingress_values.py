"""Validates the values of Ingress annotations that the AWS Load Balancer Controller reads.

Names, types and values: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/;
Auto Mode supports those of https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-alb.html. Limits of health
checks: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html. Attributes:
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html and
.../API_TargetGroupAttribute.html.
"""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from localcloud.kubernetes.annotations import (
    Check,
    boolean,
    items,
    json_of,
    listed,
    matches,
    networks,
    number,
    one_of,
    pairs,
)

_DEFAULT_INTERVAL, _DEFAULT_TIMEOUT = 15, 5  # defaults of the controller, in seconds
_PORT = 65_535


def problems(annotations: Mapping[str, str], prefix: str) -> Iterator[str]:
    """Yield the problems of annotations, given by name without the prefix, one sentence each."""
    for name, text in annotations.items():
        group, _, member = name.partition(".")
        check = ANNOTATIONS.get(name) or (_GROUPS.get(group) if member else None)
        accepted = check(text) if check else ""
        if accepted:
            yield f"annotation {prefix}{name} is {text!r}; accepted is {accepted}"
            return
    yield from _between(annotations, prefix)


def _between(annotations: Mapping[str, str], prefix: str) -> Iterator[str]:
    """Yield problems that result from the combination of several annotations."""
    interval = int(annotations.get("healthcheck-interval-seconds", _DEFAULT_INTERVAL))
    timeout = int(annotations.get("healthcheck-timeout-seconds", _DEFAULT_TIMEOUT))
    if interval <= timeout:
        # https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2951
        yield (
            f"a health check every {interval} s with a timeout of {timeout} s is refused (ValidationError: Health "
            "check interval must be greater than the timeout); set "
            f"{prefix}healthcheck-timeout-seconds to less than the interval"
        )
    redirect, listens = annotations.get("ssl-redirect"), annotations.get("listen-ports")
    https = [each["HTTPS"] for each in json.loads(listens) if "HTTPS" in each] if listens else None
    if redirect and https is not None and int(redirect) not in https:
        yield f"annotation {prefix}ssl-redirect is {redirect!r}; accepted is an HTTPS port of {prefix}listen-ports"


def _is_listen_ports(value: Any) -> bool:
    """Return whether a value has the form `[{"HTTP": 80}, {"HTTPS": 443}]`."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(each, dict)
            and bool(each)
            and set(each) <= {"HTTP", "HTTPS"}
            and all(type(port) is int and 1 <= port <= _PORT for port in each.values())
            for each in value
        )
    )


_true_or_false = partial(one_of, ("true", "false"))
_LOAD_BALANCER: Mapping[str, Check] = {
    "access_logs.s3.enabled": _true_or_false,
    "connection_logs.s3.enabled": _true_or_false,
    "deletion_protection.enabled": _true_or_false,
    "idle_timeout.timeout_seconds": partial(number, 1, 4000),
    "client_keep_alive.seconds": partial(number, 60, 604_800),
    "routing.http.desync_mitigation_mode": partial(one_of, ("monitor", "defensive", "strictest")),
    "routing.http.drop_invalid_header_fields.enabled": _true_or_false,
    "routing.http.preserve_host_header.enabled": _true_or_false,
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": _true_or_false,
    "routing.http.xff_client_port.enabled": _true_or_false,
    "routing.http.xff_header_processing.mode": partial(one_of, ("append", "preserve", "remove")),
    "routing.http2.enabled": _true_or_false,
    "waf.fail_open.enabled": _true_or_false,
    "zonal_shift.config.enabled": _true_or_false,
}
_TARGET_GROUP: Mapping[str, Check] = {
    "deregistration_delay.timeout_seconds": partial(number, 0, 3600),
    "load_balancing.algorithm.type": partial(one_of, ("round_robin", "least_outstanding_requests", "weighted_random")),
    "load_balancing.algorithm.anomaly_mitigation": partial(one_of, ("on", "off")),
    "load_balancing.cross_zone.enabled": partial(one_of, ("true", "false", "use_load_balancer_configuration")),
    "slow_start.duration_seconds": lambda text: "" if text == "0" else number(30, 900, text),
    "stickiness.enabled": _true_or_false,
    "stickiness.type": partial(one_of, ("lb_cookie", "app_cookie")),
    "stickiness.lb_cookie.duration_seconds": partial(number, 1, 604_800),
    "stickiness.app_cookie.duration_seconds": partial(number, 1, 604_800),
}
_certificate = partial(
    matches,
    r"arn:aws[a-z-]*:(acm:[a-z0-9-]+:\d{12}:certificate/.+|iam::\d{12}:server-certificate/.+)",
    "the ARN of a certificate of ACM or IAM",
)
_is_object = partial(json_of, lambda value: isinstance(value, dict), "a JSON object")
ANNOTATIONS: Mapping[str, Check] = {
    "auth-on-unauthenticated-request": partial(one_of, ("authenticate", "allow", "deny")),
    "auth-session-timeout": partial(number, 1, 604_800),
    "auth-type": partial(one_of, ("none", "cognito", "oidc")),
    "backend-protocol": partial(one_of, ("HTTP", "HTTPS")),
    "backend-protocol-version": partial(one_of, ("HTTP1", "HTTP2", "GRPC")),
    "certificate-arn": partial(listed, _certificate),
    "group.order": partial(matches, r"-?(\d{1,3}|1000)", "a whole number from -1000 to 1000"),
    "healthcheck-interval-seconds": partial(number, 5, 300),
    "healthcheck-path": partial(matches, r"/.{0,1023}", "a path of up to 1024 characters that starts with /"),
    "healthcheck-port": partial(
        matches, r"traffic-port|[1-9][0-9]{0,4}|(?=.*[a-z])[a-z0-9-]{1,15}", "traffic-port, a number or a port's name"
    ),
    "healthcheck-protocol": partial(one_of, ("HTTP", "HTTPS")),
    "healthcheck-timeout-seconds": partial(number, 2, 120),
    "healthy-threshold-count": partial(number, 2, 10),
    "inbound-cidrs": lambda text: networks(text) if items(text) else "a comma-separated list of CIDR blocks",
    "ip-address-type": partial(one_of, ("ipv4", "dualstack", "dualstack-without-public-ipv4")),
    "listen-ports": partial(
        json_of, _is_listen_ports, 'JSON such as [{"HTTP": 80}, {"HTTPS": 443}], with ports from 1 to 65535'
    ),
    "load-balancer-attributes": partial(pairs, _LOAD_BALANCER),
    "load-balancer-name": partial(
        matches,
        r"(?!internal-)[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?",
        "up to 32 letters, digits and hyphens, without a hyphen at an end, not beginning with internal-",
    ),
    "manage-backend-security-group-rules": boolean,
    "scheme": partial(one_of, ("internal", "internet-facing")),
    "security-groups": partial(listed, lambda _: ""),
    "ssl-policy": partial(matches, r"ELBSecurityPolicy-[A-Za-z0-9-]+", "the name of a policy, ELBSecurityPolicy-..."),
    "ssl-redirect": partial(number, 1, _PORT),
    "subnets": partial(listed, lambda _: ""),
    "success-codes": partial(matches, r"\d{1,3}([,-]\d{1,3})*", "codes such as 200,202, or a range such as 200-299"),
    "tags": partial(pairs, {}),
    "target-group-attributes": partial(pairs, _TARGET_GROUP),
    "target-node-labels": partial(pairs, {}),
    "target-type": partial(one_of, ("instance", "ip")),
    "unhealthy-threshold-count": partial(number, 2, 10),
    "wafv2-acl-arn": partial(
        matches,
        r"none|arn:aws[a-z-]*:wafv2:[a-z0-9-]+:\d{12}:regional/webacl/.+",
        "none, or the ARN of a regional web ACL",
    ),
}
# Annotations whose name ends with the name of a Service or of an action, such as actions.NAME.
_GROUPS: Mapping[str, Check] = {
    "actions": _is_object,
    "conditions": partial(json_of, lambda value: isinstance(value, list), "a JSON list"),
}
