"""Formats of Kubernetes' values: ports, quantities, addresses and schedules, beside those of `names`.

Each check returns "" if a value is valid, else a description of the accepted values. The patterns and messages are
those of https://github.com/kubernetes/kubernetes/blob/v1.35.4/staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go,
unless another source is named.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from localcloud.cluster import quantities
from localcloud.kubernetes.validation import names
from localcloud.protocol.values import UNKNOWN

Check = Callable[[Any], str]
QUANTITY = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?"
"""https://github.com/kubernetes/kubernetes/blob/v1.35.4/staging/src/k8s.io/apimachinery/pkg/api/resource/suffix.go"""
# https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/apis/core/helper/helpers.go
CONTAINER_RESOURCES = {"cpu", "memory", "ephemeral-storage"}
QUOTA_RESOURCES = {
    *CONTAINER_RESOURCES,
    *(f"{kind}.{name}" for kind in ("requests", "limits") for name in CONTAINER_RESOURCES),
    *("requests.storage", "pods", "services", "services.nodeports", "services.loadbalancers"),
    *("replicationcontrollers", "resourcequotas", "secrets", "configmaps", "persistentvolumeclaims"),
}
DAYS, MONTHS = "sun mon tue wed thu fri sat", "jan feb mar apr may jun jul aug sep oct nov dec"
CRON = ((0, 59, ""), (0, 23, ""), (1, 31, ""), (1, 12, MONTHS), (0, 6, DAYS))
"""Lowest and highest value and the names of each field: https://pkg.go.dev/github.com/robfig/cron/v3"""
DESCRIPTOR = r"@(yearly|annually|monthly|weekly|daily|midnight|hourly|every ([0-9.]+(ns|us|ms|s|m|h))+)"
LIMIT_TYPES = {"Pod", "Container", "PersistentVolumeClaim"}


def port_name(value: Any) -> str:
    """Check the name of a port: IsValidPortName."""
    if not re.fullmatch(r"[-a-z0-9]{1,15}", value):
        return (
            "must be no more than 15 characters and contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
        )
    if not re.search(r"[a-z]", value):
        return "must contain at least one letter (a-z)"
    return (
        "must not begin or end with a hyphen, or contain consecutive hyphens" if re.search(r"^-|--|-$", value) else ""
    )


def port_number(value: Any) -> str:
    """Check the number of a port."""
    return "" if 1 <= value <= 65535 else "must be between 1 and 65535, inclusive"


def port(value: Any) -> str:
    """Check the number or the name of a port."""
    return port_number(value) if isinstance(value, int) else port_name(value)


def quantity(value: Any) -> str | None:
    """Return None if a value is a quantity, such as 250m or 80Gi."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number or (isinstance(value, str) and re.fullmatch(QUANTITY, value)):
        return None
    return f"quantities must match the regular expression '^{QUANTITY}$'"


def sign(least: int, message: str, value: Any) -> str:
    """Check that a quantity, if it is one, is at least 0 (`least` is 0) or more than 0 (`least` is 1)."""
    number = amount(value)
    return "" if number is None or number > 0 or number == least else message


def amount(value: Any) -> Decimal | None:
    """Return the number that a quantity denotes; None if it is unknown or no quantity."""
    is_quantity = value not in (None, UNKNOWN) and quantity(value) is None
    return quantities.parse(value) if is_quantity else None


def target_port(value: Any) -> str:
    """Check the port of a pod; 0 is the default."""
    return "" if value == 0 else port(value)


def cron(value: Any) -> str:
    """Check a schedule of a CronJob."""
    fields = value.split()
    if value.startswith("@"):
        return "" if re.fullmatch(DESCRIPTOR, value) else f"unrecognized descriptor: {value}"
    if len(fields) != len(CRON):
        return f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]"
    return next(filter(None, map(_cron_field, CRON, fields)), "")


def _cron_field(bounds: tuple[int, int, str], field: str) -> str:
    low, high, words = bounds
    numbers = {name: low + index for index, name in enumerate(words.split())}
    for part in field.split(","):
        span, slash, step = part.partition("/")
        ends = [low] if span in ("*", "?") else [numbers.get(end.lower(), end) for end in span.split("-")]
        if any(not str(end).isdigit() for end in [*ends, *([step] if slash else [])]) or len(ends) > 2:
            return f"failed to parse {part}"
        values = [int(end) for end in ends]
        if not low <= values[0] <= values[-1] <= high or step == "0":
            return f"{part} is not within {low} and {high}"
    return ""


def time_zone(value: Any) -> str:
    """Check the name of a time zone."""
    try:
        ZoneInfo(value)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return f"unknown time zone {value}"
    return ""


def limit_type(value: Any) -> str:
    """Check what a LimitRange limits: validateLimitRangeTypeName."""
    message = "must be a standard limit type or fully qualified"
    return names.qualified_name(value) or ("" if "/" in value or value in LIMIT_TYPES else message)


def count_or_percent(value: Any) -> str:
    """Check a number of pods or a percentage of them: ValidatePositiveIntOrPercent."""
    if isinstance(value, int):
        return "" if value >= 0 else "must be greater than or equal to 0"
    return names.percent(value)


def count_or_share(value: Any) -> str:
    """Check a number of pods or a percentage of up to 100 %: IsNotMoreThan100Percent."""
    message = count_or_percent(value)
    return message or ("must not be greater than 100%" if str(value).endswith("%") and int(value[:-1]) > 100 else "")


def network(value: Any) -> IPv4Network | IPv6Network | None:
    """Return the network of a CIDR block, which may have host bits and leading zeros; None if it is invalid."""
    if not re.fullmatch(r"[0-9a-fA-F:.]+/[0-9]+", str(value)):
        return None
    try:
        return ip_network(re.sub(r"(?:(?<=\.)|^)0+(?=[0-9]+[./])", "", value), strict=False)
    except ValueError:
        return None


def cidr(value: Any) -> str:
    """Check a CIDR block."""
    return "" if network(value) else "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def address(value: Any) -> str:
    """Check an IP address."""
    try:
        ip_address(str(value))
    except ValueError:
        return "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
    return ""


def encoded(value: Any) -> str:
    """Check that a text is base64."""
    try:
        base64.b64decode(re.sub(r"[\r\n]", "", value), validate=True)
    except (binascii.Error, ValueError):
        return "illegal base64 data"
    return ""


def resource(standard: set[str], message: str, value: Any) -> str:
    """Check the name of a resource, which has a domain unless it is a standard one."""
    if invalid := names.qualified_name(value):
        return invalid
    return "" if "/" in value or value in standard or value.startswith("hugepages-") else message


FORMATS: Mapping[str, Check] = {
    "absolute-path": names.absolute_path,
    "address": address,
    "annotation-name": names.annotation_name,
    "byte": encoded,
    "cidr": cidr,
    "config-key": names.config_key,
    "container-resource": partial(resource, CONTAINER_RESOURCES, "must be a standard resource for containers"),
    "count-or-percent": count_or_percent,
    "count-or-share": count_or_share,
    "descending-path": names.descending_path,
    "cron": cron,
    "csi-driver": names.csi_driver,
    "dns-1035-label": names.dns_1035_label,
    "dns-label": names.dns_label,
    "dns-subdomain": names.dns_subdomain,
    "environment-name": names.environment_name,
    "external-name": names.external_name,
    "generated-name": names.generated_name,
    "header-name": names.header_name,
    "label-value": names.label_value,
    "limit-resource": partial(
        resource, {*CONTAINER_RESOURCES, "storage"}, "must be a standard resource for containers"
    ),
    "limit-type": limit_type,
    "path-segment": names.path_segment,
    "path-without-backsteps": names.path_without_backsteps,
    "percent": names.percent,
    "port": port,
    "port-name": port_name,
    "port-number": port_number,
    "qualified-name": names.qualified_name,
    "positive-quantity": partial(sign, 1, "must be positive"),
    "quantity-from-zero": partial(sign, 0, "must be greater than or equal to 0"),
    "quota-resource": partial(resource, QUOTA_RESOURCES, "must be a standard resource for quota"),
    "target-port": target_port,
    "time-zone": time_zone,
    "wildcard-host": names.wildcard_host,
}
