"""Controls of the Pod Security Standard `baseline` that `restricted` includes, other than access to the node.

Source: k8s.io/pod-security-admission/policy of Kubernetes 1.35, one file for each control, such as check_sysctls.go.
"""

from collections.abc import Iterator
from typing import Any

from infra.resources.properties import UNKNOWN, items, mapping
from infra.resources.resource import Properties
from infra.resources.workloads import containers, label

APP_ARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"
PROFILES = ("RuntimeDefault", "Localhost")
SELINUX_TYPES = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    }
)


def forbidden(spec: Properties, annotations: Properties) -> Iterator[str]:
    """Yield the settings of a pod that no level below `privileged` permits."""
    yield from _annotations(annotations)
    yield from _sysctls(mapping(spec.get("securityContext")))
    yield from _context("pod", mapping(spec.get("securityContext")))
    for container in containers(spec):
        own = mapping(container.get("securityContext"))
        yield from _context(label(container), own)
        if own.get("procMount") not in (None, "Default", UNKNOWN):
            yield f"{label(container)}: procMount is {own['procMount']}"
        yield from (f"{label(container)}: {finding}" for finding in _hosts(container))


def _annotations(annotations: Properties) -> Iterator[str]:
    for key, value in annotations.items():
        allowed = value is UNKNOWN or value in (None, "", "runtime/default") or str(value).startswith("localhost/")
        if key.startswith(APP_ARMOR_ANNOTATION) and not allowed:
            yield f"annotation {key} is {value}"


def _sysctls(context: Properties) -> Iterator[str]:
    for name in (mapping(each).get("name") for each in items(context.get("sysctls"))):
        if isinstance(name, str) and name not in SYSCTLS:
            yield f"sysctl {name} is not a safe one"


def _context(where: str, context: Properties) -> Iterator[str]:
    profile = mapping(context.get("appArmorProfile")).get("type")
    if profile not in (None, *PROFILES, UNKNOWN):
        yield f"{where}: appArmorProfile.type is {profile}"
    if mapping(context.get("windowsOptions")).get("hostProcess") is True:
        yield f"{where}: windowsOptions.hostProcess is true"
    options = mapping(context.get("seLinuxOptions"))
    if options.get("type") not in (None, *SELINUX_TYPES, UNKNOWN):
        yield f"{where}: seLinuxOptions.type is {options['type']}"
    for key in ("user", "role"):
        if options.get(key) not in (None, "", UNKNOWN):
            yield f"{where}: seLinuxOptions.{key} is set"


def _hosts(container: Properties) -> Iterator[str]:
    """Yield the probes and hooks that name a host, to which the node would connect."""
    hooks = mapping(container.get("lifecycle"))
    handlers: dict[str, Any] = {
        **{key: container.get(key) for key in ("livenessProbe", "readinessProbe", "startupProbe")},
        **{f"lifecycle.{key}": hooks.get(key) for key in ("postStart", "preStop")},
    }
    for name, handler in handlers.items():
        for action in ("httpGet", "tcpSocket"):
            if mapping(mapping(handler).get(action)).get("host") not in (None, "", UNKNOWN):
                yield f"{name}.{action}.host is set"
