"""Rules of Elastic Load Balancing about the attributes of load balancers and target groups.

The model has every attribute as a key and a value of any text. The documentation of the keys has the accepted values.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRule, RequestRules, StateRules, lookup

_BALANCER = "botocore elbv2 LoadBalancerAttribute.Key"
_GROUP = "botocore elbv2 TargetGroupAttribute.Key"
# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/elbv2/pf-elbv2"
_GUIDE = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application"
_MAX_DIGITS = 10
_WEEK = 604_800
_OTHER_RANGE = "The value of '{key}' must be an integer between {low} and {high}"
_GROUP_RANGE = "'{key}' value '{value}' must be between '{low}-{high}' inclusive"


class Range(NamedTuple):
    """Accepted numbers of an attribute."""

    low: int
    high: int
    words: str
    """AWS's message."""
    source: str
    others: tuple[int, ...] = ()
    """Accepted numbers outside of the range."""


# The message says "characters" although the value is a number of seconds.
_IDLE = "The value of 'idle_timeout.timeout_seconds' cannot be {what} {limit} characters"
NUMBERS: Mapping[str, Range] = {
    "idle_timeout.timeout_seconds": Range(1, 4000, _IDLE, f"{_MEASURED}-lb-idle-timeout-range"),
    "client_keep_alive.seconds": Range(60, _WEEK, _OTHER_RANGE, f"{_MEASURED}-lb-attr-client-keep-alive-range"),
    "deregistration_delay.timeout_seconds": Range(0, 3600, _GROUP_RANGE, f"{_MEASURED}-tg-deregistration-delay-range"),
    "slow_start.duration_seconds": Range(30, 900, _GROUP_RANGE, f"{_MEASURED}-tg-slow-start-range", (0,)),
    "stickiness.lb_cookie.duration_seconds": Range(
        1, _WEEK, _GROUP_RANGE, f"{_MEASURED}-tg-attr-lb-cookie-duration-range"
    ),
    "stickiness.app_cookie.duration_seconds": Range(
        1, _WEEK, _GROUP_RANGE, f"{_MEASURED}-tg-attr-app-cookie-duration-range"
    ),
}
_BOOLEAN = "The value of '{key}' must be 'true' or 'false', but was '{value}'"
_DESYNC = "'{value}' must be one of [defensive, monitor, strictest]"
_FORWARDED = "'{key}' must be set as 'preserve', 'append', or 'remove'"
_LISTED = "'{value}' must be one of [{listed}]"
_KEYED = "'{key}' must be one of [{listed}]"
_UNSPACED = "'{key}' must be one of use_load_balancer_configuration,true,false"
_YES_NO = ("true", "false")
_ALGORITHM = "load_balancing.algorithm.type"
_ANOMALIES = "load_balancing.algorithm.anomaly_mitigation"
_STICKINESS, _COOKIE_NAME = "stickiness.type", "stickiness.app_cookie.cookie_name"
# botocore elbv2 TargetGroupAttribute.Key: attributes of target groups of Application Load Balancers
_SLOW_START = "slow_start.duration_seconds"
_HTTP_ONLY = (_ALGORITHM, _ANOMALIES, _SLOW_START)
_HTTP = ("HTTP", "HTTPS")
_TYPES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_HTTP, ("lb_cookie", "app_cookie")),
    **dict.fromkeys(("TCP", "UDP", "TCP_UDP"), ("source_ip",)),
    "TLS": (),
}
"""Protocol of a target group -> its types of stickiness."""


class Words(NamedTuple):
    """Accepted texts of an attribute."""

    accepted: tuple[str, ...]
    words: str
    """AWS's message."""
    source: str


_OF_BALANCERS = Words(_YES_NO, _BOOLEAN, f"{_MEASURED}-lb-attr-boolean-value")
_OF_GROUPS = Words(_YES_NO, _BOOLEAN, f"{_MEASURED}-tg-attr-boolean-value")
BALANCER_WORDS: Mapping[str, Words] = {
    "access_logs.s3.enabled": _OF_BALANCERS,
    "deletion_protection.enabled": _OF_BALANCERS,
    "routing.http.drop_invalid_header_fields.enabled": _OF_BALANCERS,
    "routing.http.preserve_host_header.enabled": _OF_BALANCERS,
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": _OF_BALANCERS,
    "routing.http.xff_client_port.enabled": _OF_BALANCERS,
    "routing.http2.enabled": _OF_BALANCERS,
    "waf.fail_open.enabled": _OF_BALANCERS,
    "zonal_shift.config.enabled": _OF_BALANCERS,
    "routing.http.desync_mitigation_mode": Words(
        ("monitor", "defensive", "strictest"), _DESYNC, f"{_MEASURED}-lb-attr-desync-mitigation-mode"
    ),
    "routing.http.xff_header_processing.mode": Words(
        ("append", "preserve", "remove"), _FORWARDED, f"{_MEASURED}-lb-attr-xff-header-processing-mode"
    ),
}
GROUP_WORDS: Mapping[str, Words] = {
    "stickiness.enabled": _OF_GROUPS,
    _STICKINESS: Words(
        ("lb_cookie", "app_cookie", "source_ip", "source_ip_dest_ip", "source_ip_dest_ip_proto"), _LISTED, _GROUP
    ),
    _ALGORITHM: Words(("round_robin", "least_outstanding_requests", "weighted_random"), _LISTED, _GROUP),
    _ANOMALIES: Words(("off", "on"), _KEYED, f"{_MEASURED}-tg-attr-anomaly-mitigation-value"),
    "load_balancing.cross_zone.enabled": Words(
        ("use_load_balancer_configuration", *_YES_NO), _UNSPACED, f"{_MEASURED}-tg-attr-cross-zone-value"
    ),
}


def _values(words: Mapping[str, Words]) -> RequestRule:
    """Return the rule that refuses numbers outside of their range and unknown texts."""

    def rule(parameters: Parameters) -> Iterator[RefusedError]:
        for key, value in attributes(parameters).items():
            if key in NUMBERS:
                yield from _number(key, value, NUMBERS[key])
            elif key in words and value not in words[key].accepted:
                one = words[key]
                text = one.words.format(key=key, value=value, listed=", ".join(one.accepted))
                yield invalid(key, value, text, one.source)

    return rule


def _number(key: str, value: str, accepted: Range) -> Iterator[RefusedError]:
    low, high = accepted.low, accepted.high
    digits = value.removeprefix("-")
    number = int(value) if digits.isascii() and digits.isdecimal() and len(digits) < _MAX_DIGITS else high + 1
    if not low <= number <= high and number not in accepted.others:
        what, limit = ("less than", low) if number < low else ("greater than", high)
        text = accepted.words.format(key=key, value=value, low=low, high=high, what=what, limit=limit)
        yield invalid(key, value, text, accepted.source)


def _log_bucket(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a bucket for access logs."""
    given = {each.get("Key"): each.get("Value") for each in parameters.get("Attributes") or ()}
    if given.get("access_logs.s3.enabled") == "true" and not given.get("access_logs.s3.bucket"):
        words = "The key 'access_logs.s3.bucket' must set in order to enable access logs"
        source = f"{_MEASURED}-lb-attr-access-logs-bucket-required"
        yield invalid("access_logs.s3.bucket", "", words, source)


def _log_prefix(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a prefix of access logs with a slash at its start or end, or with `AWSLogs`, which ELB adds itself."""
    key = "access_logs.s3.prefix"
    prefix = attributes(parameters).get(key, "")
    if prefix.startswith("/") or prefix.endswith("/"):
        words = f"The value of '{key}' cannot start or end with '/'"
        yield invalid(key, prefix, words, "https://github.com/ansible/ansible/issues/55147")
    elif "AWSLogs" in prefix:
        words = f"The value of '{key}' cannot contain 'AWSLogs'"  # AWS's words are not known
        yield invalid(key, prefix, words, f"{_GUIDE}/load-balancer-access-logs.html")


def _algorithm(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse anomaly mitigation with another algorithm than `weighted_random`."""
    given = attributes(parameters)
    algorithm = given.get(_ALGORITHM, "weighted_random")
    if given.get(_ANOMALIES) == "on" and algorithm in ("round_robin", "least_outstanding_requests"):
        words = (
            f"You cannot enable both anomaly mitigation and {algorithm.replace('_', ' ')} algorithm on a target group"
        )
        source = f"{_MEASURED}-tg-attr-anomaly-mitigation-requires-weighted-random"
        yield _configuration(_ANOMALIES, "on", words, source)


def _round_robin(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse slow start with another algorithm than `round_robin`, and stickiness with `weighted_random`."""
    given = attributes(parameters)
    seconds, algorithm = given.get(_SLOW_START, "0"), given.get(_ALGORITHM)
    if seconds != "0" and algorithm in ("least_outstanding_requests", "weighted_random"):
        words = f"You cannot enable both slow start and {algorithm.replace('_', ' ')} algorithm on a target group"
        source = "https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/3686"
        yield _configuration(_SLOW_START, seconds, words, source)
    if algorithm == "weighted_random" and given.get("stickiness.enabled") == "true":
        words = "You cannot have both stickiness and weighted random algorithm enabled on the same target group."
        source = "https://github.com/hashicorp/terraform-provider-aws/pull/35083"
        yield _configuration(_ALGORITHM, algorithm, words, source)


def _stickiness(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse stickiness by the application's cookie without its name, and types that the protocol does not have.

    `Protocol` is not a parameter of the operation. The caller adds that of the target group.
    """
    given, protocol = attributes(parameters), parameters.get("Protocol")
    type_, where = given.get(_STICKINESS), f"target groups with the {protocol} protocol"
    names = {each.get("Key") for each in parameters.get("Attributes") or ()}
    if type_ == "app_cookie" and given.get("stickiness.enabled") == "true" and _COOKIE_NAME not in names:
        words = "You must set an application cookie name to enable stickiness of type 'app_cookie'"
        yield _configuration(_STICKINESS, type_, words, f"{_MEASURED}-app-cookie-name")
    elif type_ and isinstance(protocol, str) and type_ not in _TYPES.get(protocol, (type_,)):
        yield _configuration(_STICKINESS, type_, f"Stickiness type '{type_}' is not supported for {where}", _GROUP)


def _http_only(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse attributes of target groups of Application Load Balancers for any other protocol."""
    protocol = parameters.get("Protocol")
    if not isinstance(protocol, str) or not known(protocol) or protocol in _HTTP:
        return
    for key, value in attributes(parameters).items():
        if key in _HTTP_ONLY and value != "0":
            words = f"A target group with {protocol} protocol does not support the attribute {key}"
            yield _configuration(key, value, words, f"{_MEASURED}-tg-attr-slow-start-scope")


def _configuration(key: str, value: str, words: str, source: str) -> RefusedError:
    path = ("Attributes", key)
    return RefusedError("InvalidConfigurationRequest", words, path=path, value=value, source=source)


def _protected(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse the deletion of a load balancer with deletion protection."""
    arn = parameters["LoadBalancerArn"]
    found = attributes(lookup(ask, "elbv2", "DescribeLoadBalancerAttributes", LoadBalancerArn=arn))
    if found.get("deletion_protection.enabled") == "true":
        yield RefusedError(
            "OperationNotPermitted",
            f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
            path=("Attributes", "deletion_protection.enabled"),
            value="true",
            source="https://github.com/rebuy-de/aws-nuke/issues/258",
        )


def attributes(parameters: Parameters) -> dict[str, str]:
    """Return the attributes of a request or a response whose values are known."""
    listed = parameters.get("Attributes") or ()
    found = {str(each.get("Key")): str(each.get("Value")) for each in listed if isinstance(each, Mapping)}
    return {key: value for key, value in found.items() if known(value)}


def invalid(key: str, value: Any, words: str, source: str) -> RefusedError:
    """Return the error for the value of an attribute, whose path ends in its key."""
    return RefusedError("ValidationError", words, path=("Attributes", key), value=value, source=source)


REQUEST_RULES: RequestRules = {
    ("elbv2", "ModifyLoadBalancerAttributes"): (_values(BALANCER_WORDS), _log_bucket, _log_prefix),
    ("elbv2", "ModifyTargetGroupAttributes"): (_values(GROUP_WORDS), _algorithm, _round_robin, _stickiness, _http_only),
}
STATE_RULES: StateRules = {("elbv2", "DeleteLoadBalancer"): (_protected,)}
