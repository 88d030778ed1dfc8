"""Container probes: runs their checks and applies their success and failure thresholds."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import aiohttp

from localcloud.cluster.api import Manifest

HTTP_SUCCESS = range(200, 400)

Exec = Callable[[list[str], float], Awaitable[str | None]]
"""Runs a command in the container with a timeout in seconds; returns None on success, else the failure message."""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One probe with the defaults of the Kubernetes API applied; all times are in seconds."""

    action: Manifest
    initial_delay: float
    period: float
    timeout: float
    success_threshold: int
    failure_threshold: int
    grace: float | None
    """The probe's own terminationGracePeriodSeconds, or None if it is not set."""

    @classmethod
    def of(cls, spec: Manifest) -> "Probe":
        """Read a container's startupProbe, livenessProbe or readinessProbe."""
        return cls(
            action=spec,
            initial_delay=spec.get("initialDelaySeconds") or 0,
            period=spec.get("periodSeconds") or 10,
            timeout=spec.get("timeoutSeconds") or 1,
            success_threshold=spec.get("successThreshold") or 1,
            failure_threshold=spec.get("failureThreshold") or 3,
            grace=spec.get("terminationGracePeriodSeconds"),
        )


class Verdict:
    """Counts consecutive successes or failures of a probe."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._last: bool | None = None
        self._count = 0

    def record(self, success: bool) -> bool | None:
        """Record a result; return it once it has reached its threshold in a row, and None before that."""
        self._count = self._count + 1 if success is self._last else 1
        self._last = success
        needed = self._probe.success_threshold if success else self._probe.failure_threshold
        return success if self._count >= needed else None


async def ask(probe: Probe, host: str, ports: Mapping[str, int], run: Exec) -> str | None:
    """Run a probe once; return None on success, else the failure message in the kubelet's words.

    Args:
        probe: the probe to run.
        host: the pod's loopback address.
        ports: the container's named ports.
        run: runs a command in the container.
    """
    action = probe.action
    try:
        async with asyncio.timeout(probe.timeout):
            if "httpGet" in action:
                return await http_get(action["httpGet"], host, ports)
            if "tcpSocket" in action:
                spec = action["tcpSocket"]
                _, writer = await asyncio.open_connection(spec.get("host") or host, port_of(spec["port"], ports))
                writer.close()
                return None
            if "exec" in action:
                return await run(action["exec"]["command"], probe.timeout)
    except TimeoutError:
        return f"no answer within {probe.timeout:g} s"
    except (OSError, aiohttp.ClientError) as error:
        return str(error) or type(error).__name__
    return "only httpGet, tcpSocket and exec probes are supported by the local cloud"


async def http_get(spec: Manifest, host: str, ports: Mapping[str, int]) -> str | None:
    """Send the GET request of a probe or lifecycle handler; return None if its status is 200 to 399, else a message."""
    scheme = spec.get("scheme", "HTTP").lower()
    target = f"{scheme}://{spec.get('host') or host}:{port_of(spec['port'], ports)}/{spec.get('path', '/').lstrip('/')}"
    headers = {"User-Agent": "kube-probe/1.35", "Accept": "*/*"}
    headers |= {header["name"]: header["value"] for header in spec.get("httpHeaders", [])}
    connector = aiohttp.TCPConnector(force_close=True, ssl=_any_certificate() if scheme == "https" else True)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.get(target, headers=headers, allow_redirects=False) as response,
    ):
        if response.status in HTTP_SUCCESS:
            return None
        return f"HTTP probe failed with statuscode: {response.status}"


def port_of(port: str | int, ports: Mapping[str, int]) -> int:
    """Return the number of a port that is given by number or by name."""
    if isinstance(port, int):
        return port
    if port in ports:
        return ports[port]
    if port.isdigit():
        return int(port)
    raise OSError(f"the container has no port named {port}")


def _any_certificate() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False  # the kubelet does not verify certificates in probes either
    context.verify_mode = ssl.CERT_NONE
    return context
