"""Checks that compare several values of an object, for what neither JSON Schema nor a rule in CEL expresses.

Each check yields the path of a wrong value below the checked one, and the reason and message of the API server. It
skips values that are unknown in a preview.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localcloud.kubernetes.validation import formats, pods
from localcloud.kubernetes.validation.problem import Path, quoted
from localcloud.protocol.values import UNKNOWN, is_unknown

Check = Callable[[Any], Iterator[tuple[Path, str]]]
LARGEST_DATA = 1024 * 1024
LARGEST_ANNOTATIONS = 256 * 1024
IN, NOT_IN, EXISTS = "In", "NotIn", "Exists"


def ip_block(block: Any) -> Iterator[tuple[Path, str]]:
    """Check that the exceptions of a block are within it, and smaller."""
    outer = formats.network(block.get("cidr"))
    for index, text in enumerate(block.get("except", [])):
        inner = formats.network(text)
        if outer is None or inner is None:
            continue
        is_subset = inner.version == outer.version and inner.subnet_of(outer) and inner != outer  # type: ignore[arg-type]
        if not is_subset:
            yield ("except", index), f"Invalid value: {quoted(text)}: must be a strict subset of `cidr`"


def selects_its_pods(spec: Any) -> Iterator[tuple[Path, str]]:
    """Check that the selector of a workload matches the labels of its pods."""
    selector, template = spec.get("selector", {}), spec.get("template", {})
    if is_unknown(selector) or not isinstance(selector, dict) or not isinstance(template, dict):
        return
    labels: Any = (template.get("metadata") or {}).get("labels", {}) if template.get("metadata") != UNKNOWN else UNKNOWN
    if not is_unknown(labels) and not _selects(selector, labels):
        message = "`selector` does not match template `labels`"
        yield ("template", "metadata", "labels"), f"Invalid value: {quoted(labels)}: {message}"


def _selects(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    exact = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return exact and all(_meets(each, labels) for each in selector.get("matchExpressions", []))


def _meets(requirement: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    key, operator, values = requirement.get("key", ""), requirement.get("operator"), requirement.get("values", [])
    if operator == IN:
        return labels.get(key) in values
    if operator == NOT_IN:
        return labels.get(key) not in values
    return (key in labels) == (operator == EXISTS)


def rolling_update(update: Any) -> Iterator[tuple[Path, str]]:
    """Check that a rolling update may stop a pod or start another one."""
    values = [update.get("maxUnavailable", "25%"), update.get("maxSurge", "25%")]
    if not is_unknown(values) and all(map(_is_zero, values)):
        yield ("maxUnavailable",), f"Invalid value: {quoted(values[0])}: may not be 0 when `maxSurge` is 0"


def rolling_update_of_daemons(update: Any) -> Iterator[tuple[Path, str]]:
    """Check that a rolling update of a DaemonSet either stops a pod or starts another one first."""
    stopped, started = update.get("maxUnavailable", 1), update.get("maxSurge", 0)
    if is_unknown([stopped, started]):
        return
    if _is_zero(stopped) and _is_zero(started):
        yield ("maxUnavailable",), "Required value: cannot be 0 when maxSurge is 0"
    if not _is_zero(stopped) and not _is_zero(started):
        yield ("maxSurge",), f"Invalid value: {quoted(started)}: may not be set when maxUnavailable is non-zero"


def _is_zero(count: Any) -> bool:
    return str(count).removesuffix("%").strip("0") == ""


def config_map(config_map: Any) -> Iterator[tuple[Path, str]]:
    """Check the keys and the size of a ConfigMap."""
    data, binary = config_map.get("data", {}), config_map.get("binaryData", {})
    if isinstance(data, dict) and isinstance(binary, dict):
        for key in sorted(data.keys() & binary.keys()):
            yield ("data", key), f"Invalid value: {quoted(key)}: duplicate of key present in binaryData"
    if _size(data) + _size(binary) * 3 // 4 > LARGEST_DATA:
        yield (), f"Too long: may not be more than {LARGEST_DATA} bytes"


def annotations(values: Any) -> Iterator[tuple[Path, str]]:
    """Check the size of all annotations: ValidateAnnotationsSize."""
    if sum(map(len, values)) + _size(values) > LARGEST_ANNOTATIONS:
        yield (), f"Too long: may not be more than {LARGEST_ANNOTATIONS} bytes"


def _size(values: Any) -> int:
    texts = values.values() if isinstance(values, dict) else ()
    return sum(len(text.encode()) for text in texts if isinstance(text, str) and text != UNKNOWN)


def secret(secret: Any) -> Iterator[tuple[Path, str]]:
    """Check that a Secret of a type has the data of this type."""
    data, plain = secret.get("data", {}), secret.get("stringData", {})
    if UNKNOWN in (data, plain):
        return
    for key in SECRETS.get(secret.get("type", ""), ()):
        if key not in data and key not in plain:
            yield ("data", key), "Required value"


def volume_type(spec: Any) -> Iterator[tuple[Path, str]]:
    """Check that a PersistentVolume has a source: ValidatePersistentVolumeSpec."""
    if not spec.keys() - PERSISTENT_VOLUME:
        yield (), "Required value: must specify a volume type"


def named_ports(spec: Any) -> Iterator[tuple[Path, str]]:
    """Check that several ports of a Service have different names."""
    ports = spec.get("ports", [])
    if is_unknown(ports) or not isinstance(ports, list) or len(ports) < 2:
        return
    seen = set()
    for index, port in enumerate(ports):
        name = port.get("name", "")
        if not name:
            yield ("ports", index, "name"), "Required value"
        elif name in seen:
            yield ("ports", index, "name"), f"Duplicate value: {quoted(name)}"
        seen.add(name)


def limit_types(spec: Any) -> Iterator[tuple[Path, str]]:
    """Check that a LimitRange limits nothing twice: ValidateLimitRange."""
    types = [each.get("type") if isinstance(each, dict) else UNKNOWN for each in spec.get("limits", [])]
    for index, name in enumerate(types):
        if name != UNKNOWN and name in types[:index]:
            yield ("limits", index, "type"), f"Duplicate value: {quoted(name)}"


def limit_order(item: Any) -> Iterator[tuple[Path, str]]:
    """Check that minimum, default request, default and maximum are in this order: ValidateLimitRange."""
    for lower, upper, field in ORDER:
        low, high = item.get(lower, {}), item.get(upper, {})
        for name in low.keys() & high.keys() if isinstance(low, dict) and isinstance(high, dict) else ():
            less, more = formats.amount(low[name]), formats.amount(high[name])
            if less is not None and more is not None and less > more:
                message = f"{WORDS[lower]} value {low[name]} is greater than {WORDS[upper]} value {high[name]}"
                yield (field, name), f"Invalid value: {quoted(str(low[name]))}: {message}"


WORDS = {"min": "min", "defaultRequest": "default request", "default": "default", "max": "max"}
# The lower and the upper amount, and the one that the API server names.
ORDER = (
    ("min", "max", "min"),
    ("min", "defaultRequest", "defaultRequest"),
    ("defaultRequest", "max", "defaultRequest"),
    ("defaultRequest", "default", "defaultRequest"),
    ("min", "default", "default"),
    ("default", "max", "default"),
)
SECRETS: Mapping[str, tuple[str, ...]] = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}
PERSISTENT_VOLUME = {
    *("accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy"),
    *("storageClassName", "volumeAttributesClassName", "volumeMode"),
}
"""The fields of a PersistentVolume other than its source."""
CHECKS: Mapping[str, Check] = {
    "annotations": annotations,
    "config-map": config_map,
    "containers": pods.containers,
    "divisor": pods.divisor,
    "env-var": pods.env_var,
    "handlers": pods.handlers,
    "ip-block": ip_block,
    "limit-order": limit_order,
    "limit-types": limit_types,
    "limits": pods.limits,
    "named-ports": named_ports,
    "quantities": pods.quantities,
    "rolling-update": rolling_update,
    "rolling-update-of-daemons": rolling_update_of_daemons,
    "secret": secret,
    "selects-its-pods": selects_its_pods,
    "volume": pods.volume,
    "volume-type": volume_type,
}
