"""Rules of Elastic Load Balancing about the protocol and the health check of target groups.

A change of a target group omits what it has already, such as the protocol. In a preview the caller adds what it knows,
and in a deployment the account has it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.judge.refusal import Path, RefusedError, known
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup

# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/elbv2/pf-elbv2"
_PATHS = "https://github.com/hashicorp/terraform-provider-aws/pull/2580"
_WEB = ("HTTP", "HTTPS")
_VERSIONS = ("HTTP2", "HTTP1", "GRPC")
_PORTS = range(1, 65_536)
_MAX_DIGITS = 5
# botocore elbv2 CreateTargetGroupInput.HealthCheckIntervalSeconds. Other protocols and targets have other defaults.
_INTERVAL = 30
# Protocol of the target group -> accepted HTTP codes: botocore elbv2 Matcher.HttpCode.
_HTTP_CODES: Mapping[str, tuple[int, int]] = {"HTTP": (200, 499), "HTTPS": (200, 499), "GENEVE": (200, 399)}
_OTHER_HTTP_CODES = (200, 599)
_GRPC_CODES = (0, 99)
# What a change keeps if it does not set it, and the rules read.
_KEPT = ("Protocol", "TargetType", "HealthCheckProtocol", "HealthCheckIntervalSeconds", "HealthCheckTimeoutSeconds")
_CODES = re.compile(r"\d{1,3}(?:-\d{1,3})?(?:,\d{1,3}(?:-\d{1,3})?)*")


def _protocol(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse an unknown protocol version, and any for a protocol other than HTTP and HTTPS."""
    protocol, version = parameters.get("Protocol"), parameters.get("ProtocolVersion")
    if version is None or not known(version) or not known(protocol):
        return
    if protocol is not None and protocol not in _WEB:
        words = f"You cannot specify the protocol version for a target group with the '{protocol}' protocol"
        yield _invalid(words, ("ProtocolVersion",), version, f"{_MEASURED}-tg-protocol-version-http-only")
    elif version not in _VERSIONS:
        words = f"Target group protocol version '{version}' must be one of '[{', '.join(_VERSIONS)}]'"
        yield _invalid(words, ("ProtocolVersion",), version, f"{_MEASURED}-tg-protocol-version-values")


def _timing(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a health check to time out before the next one.

    The message is the one that users report: https://github.com/hashicorp/terraform-provider-aws/issues/2366
    """
    interval, timeout = parameters.get("HealthCheckIntervalSeconds"), parameters.get("HealthCheckTimeoutSeconds")
    protocol = parameters.get("Protocol")
    if interval is None and protocol in _WEB:
        interval = _INTERVAL
    if not isinstance(interval, int) or not isinstance(timeout, int):
        return
    strict = protocol in _WEB
    if timeout > interval or (strict and timeout == interval):
        limit = "smaller than" if strict else "smaller than or equal to"
        words = f"Health check timeout '{timeout}' must be {limit} the interval '{interval}'"
        source = "botocore elbv2 CreateTargetGroupInput.HealthCheckTimeoutSeconds"
        yield _invalid(words, ("HealthCheckTimeoutSeconds",), timeout, source)


def _check_protocol(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a protocol that health checks do not have, and TCP for a target group of HTTP or HTTPS."""
    protocol, checks = parameters.get("Protocol"), parameters.get("HealthCheckProtocol")
    accepted = _WEB if protocol in _WEB else (*_WEB, "TCP")
    if isinstance(checks, str) and known(checks) and checks not in accepted:
        words = f"Health check protocol '{checks}' must be one of '{', '.join(accepted)}'"
        source = "hc-tcp-for-http-tg" if protocol in _WEB else "hc-protocol-unsupported"
        yield _invalid(words, ("HealthCheckProtocol",), checks, f"{_MEASURED}-tg-{source}")


def _enabled(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse to turn off the health checks of targets other than Lambda functions."""
    type_ = parameters.get("TargetType")
    if parameters.get("HealthCheckEnabled") is False and type_ is not None and known(type_) and type_ != "lambda":
        words = f"Health check enabled must be true for target groups with target type '{type_}'"
        yield _invalid(words, ("HealthCheckEnabled",), False, f"{_MEASURED}-tg-hc-enabled-required")


def _enabled_at_creation(parameters: Parameters) -> Iterator[RefusedError]:
    yield from _enabled({"TargetType": "instance", **parameters})


def _path(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a path that begins with a slash, for which AWS's message is not known, and refuse any path for TCP."""
    path, checks = parameters.get("HealthCheckPath"), parameters.get("HealthCheckProtocol")
    if not isinstance(path, str) or not known(path):
        return
    if checks == "TCP":
        words = "Health check paths are not supported for TCP health checks"
        yield _invalid(words, ("HealthCheckPath",), path, f"{_MEASURED}-tcp-health-check-path")
    elif not path.startswith("/"):
        words = f"Health check path '{path}' must begin with a '/' character"
        yield _invalid(words, ("HealthCheckPath",), path, _PATHS)


def _port(parameters: Parameters) -> Iterator[RefusedError]:
    """Require `traffic-port` or the number of a port."""
    port = parameters.get("HealthCheckPort")
    if port is None or not known(port) or port == "traffic-port":
        return
    text = str(port)
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS and int(text) in _PORTS):
        words = f"Health check port '{port}' must be within '1-65535' or 'traffic-port'"
        yield _invalid(words, ("HealthCheckPort",), port, f"{_MEASURED}-tg-hc-port-format")


def _codes(parameters: Parameters) -> Iterator[RefusedError]:
    """Require codes such as `200`, `200,202` or `200-299` that are within the range of the protocol."""
    protocol, matcher = parameters.get("Protocol"), parameters.get("Matcher") or {}
    http = _HTTP_CODES.get(str(protocol), _OTHER_HTTP_CODES)
    ranges = {"HttpCode": ("HTTP", http, "range-alb"), "GrpcCode": ("GRPC", _GRPC_CODES, "grpc-range")}
    for name, (kind, (low, high), source) in ranges.items():
        text = matcher.get(name)
        if text is None or not known(text):
            continue
        code = next((each for each in re.split("[-,]", text) if not _is_within(each, low, high)), None)
        if code is None and not _CODES.fullmatch(text):
            code = text
        if code is not None:
            words = f"Health check matcher {kind} code '{code}' must be within '{low}-{high}' inclusive"
            yield _invalid(words, ("Matcher", name), text, f"{_MEASURED}-tg-matcher-{source}")


def _is_within(code: str, low: int, high: int) -> bool:
    return code.isascii() and code.isdecimal() and len(code) <= _MAX_DIGITS and low <= int(code) <= high


def _after_change(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Check the health check that results from a change."""
    arns = [parameters["TargetGroupArn"]]
    found = lookup(ask, "elbv2", "DescribeTargetGroups", TargetGroupArns=arns).get("TargetGroups")
    deployed = {key: value for key, value in (found or [{}])[0].items() if key in _KEPT and value is not None}
    for rule in _OF_HEALTH:
        yield from rule({**deployed, **parameters})


def _invalid(words: str, path: Path, value: Any, source: str) -> RefusedError:
    return RefusedError("ValidationError", words, path=path, value=value, source=source)


_OF_HEALTH = (_timing, _check_protocol, _enabled, _path, _port, _codes)
REQUEST_RULES: RequestRules = {
    ("elbv2", "CreateTargetGroup"): (_protocol, _enabled_at_creation, *_OF_HEALTH),
    ("elbv2", "ModifyTargetGroup"): _OF_HEALTH,
}
STATE_RULES: StateRules = {("elbv2", "ModifyTargetGroup"): (_after_change,)}
