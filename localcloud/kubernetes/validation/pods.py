"""Checks of a pod's spec that compare several values."""

from collections.abc import Iterator
from typing import Any

from localcloud.kubernetes.validation import formats
from localcloud.kubernetes.validation.problem import Path, quoted
from localcloud.protocol.values import UNKNOWN

HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc", "sleep")
LASTING = ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")
GRACE_SECONDS = 30  # default of terminationGracePeriodSeconds
WHOLE = (
    "pods",
    "services",
    "secrets",
    "configmaps",
    "resourcequotas",
    "replicationcontrollers",
    "persistentvolumeclaims",
)
DIVISORS = {
    "cpu": ("1m", "1"),
    "memory": ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"),
}


def containers(spec: Any) -> Iterator[tuple[Path, str]]:
    """Check the names of containers and of the volumes that they mount, and how long they may stop."""
    volumes = spec.get("volumes", [])
    names = (
        None if volumes == UNKNOWN else [each.get("name") if isinstance(each, dict) else UNKNOWN for each in volumes]
    )
    seen: set[str] = set()
    for group in ("containers", "initContainers"):
        found = spec.get(group, [])
        for index, container in enumerate(found if isinstance(found, list) else ()):
            if not isinstance(container, dict):
                continue
            name = container.get("name", "")
            if name in seen and name != UNKNOWN:
                yield (group, index, "name"), f"Duplicate value: {quoted(name)}"
            seen.add(name)
            ended = _ends(container) if group == "initContainers" else ()
            for path, message in (*ended, *_mounts(container, names), *_sleeps(container, spec)):
                yield (group, index, *path), message


def _ends(container: Any) -> Iterator[tuple[Path, str]]:
    """Check that an init container that ends has no probes: validateInitContainers."""
    for name in LASTING if container.get("restartPolicy") not in ("Always", UNKNOWN) else ():
        if container.get(name, UNKNOWN) != UNKNOWN:
            yield (name,), "Forbidden: may not be set for init containers without restartPolicy=Always"


def _mounts(container: Any, volumes: list[Any] | None) -> Iterator[tuple[Path, str]]:
    mounts = container.get("volumeMounts", [])
    for index, mount in enumerate(mounts if isinstance(mounts, list) else ()):
        name = mount.get("name", "") if isinstance(mount, dict) else UNKNOWN
        if volumes is not None and UNKNOWN not in (name, *volumes) and name not in volumes:
            yield ("volumeMounts", index, "name"), f"Not found: {quoted(name)}"


def _sleeps(container: Any, spec: Any) -> Iterator[tuple[Path, str]]:
    grace = spec.get("terminationGracePeriodSeconds", GRACE_SECONDS)
    lifecycle = container.get("lifecycle", {})
    for hook in ("postStart", "preStop"):
        handler = lifecycle.get(hook, {}) if isinstance(lifecycle, dict) else {}
        sleep = handler.get("sleep", {}) if isinstance(handler, dict) else {}
        seconds = sleep.get("seconds", 0) if isinstance(sleep, dict) else 0
        if UNKNOWN not in (grace, seconds) and not 0 <= seconds <= max(grace, 1):
            message = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
            yield ("lifecycle", hook, "sleep"), f"Invalid value: {seconds}: {message}"


def env_var(variable: Any) -> Iterator[tuple[Path, str]]:
    """Check that a variable has one source: validateEnvVarValueFrom."""
    source = variable.get("valueFrom")
    if not isinstance(source, dict) or UNKNOWN in (*source.values(), variable.get("value")):
        return
    if not source:
        accepted = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        yield ("valueFrom",), f'Invalid value: "": must specify one of: {accepted}'
    elif variable.get("value"):
        yield ("valueFrom",), 'Invalid value: "": may not be specified when `value` is not empty'
    elif len(source) > 1:
        yield ("valueFrom",), 'Invalid value: "": may not have more than one field specified at a time'


def handlers(probe: Any) -> Iterator[tuple[Path, str]]:
    """Check that a probe or a hook does one thing: validateHandler."""
    found = [name for name in HANDLERS if name in probe]
    if UNKNOWN in probe.values():
        return
    if not found:
        yield (), "Required value: must specify a handler type"
    for name in found[1:]:
        yield (name,), "Forbidden: may not specify more than 1 handler type"


def volume(volume: Any) -> Iterator[tuple[Path, str]]:
    """Check that a volume has at most one source, which defaults to emptyDir: validateVolumeSource."""
    if UNKNOWN not in volume.values() and len(volume.keys() - {"name"}) > 1:
        yield (), "Forbidden: may not specify more than 1 volume type"


def limits(resources: Any) -> Iterator[tuple[Path, str]]:
    """Check that no container requests more than its limit: validateResourceRequirements."""
    upper, requested = resources.get("limits", {}), resources.get("requests", {})
    if not isinstance(upper, dict) or not isinstance(requested, dict):
        return
    for name, text in requested.items():
        request, limit = formats.amount(text), formats.amount(upper.get(name))
        if request is not None and limit is not None and request > limit:
            message = f"must be less than or equal to {name} limit of {upper[name]}"
            yield ("requests",), f"Invalid value: {quoted(str(text))}: {message}"


def quantities(values: Any) -> Iterator[tuple[Path, str]]:
    """Check that quantities are not negative, and whole for what is counted: ValidateResourceQuantityValue."""
    for name, text in values.items():
        number = formats.amount(text)
        if number is not None and number < 0:
            yield (name,), f"Invalid value: {quoted(str(text))}: must be greater than or equal to 0"
        elif number is not None and (name in WHOLE or name.startswith("count/")) and number != int(number):
            yield (name,), f"Invalid value: {quoted(str(text))}: must be an integer"


def divisor(selector: Any) -> Iterator[tuple[Path, str]]:
    """Check the unit of a resource: validateContainerResourceDivisor."""
    name, number = str(selector.get("resource", "")).partition(".")[2], formats.amount(selector.get("divisor"))
    accepted = DIVISORS["cpu" if name == "cpu" else "memory"]
    if number is not None and name and number not in (0, *map(formats.amount, accepted)):
        message = f"only divisor's values {', '.join(accepted)} are supported with the {name} resource"
        yield ("divisor",), f"Invalid value: {quoted(selector['divisor'])}: {message}"
