"""Allocates loopback ports and pod networks, which are kept across restarts unless they have been taken."""

import random
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from localcloud.errors import CloudError
from localcloud.files import read_json, write_json

PORTS_FILE = "ports.json"
PORT_NAMES = (
    "etcd",
    "etcd-peer",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "webhook",
    "postgres",
    "rds",
    "aws",
    "provider-aws",
    "provider-kubernetes",
    "provider-random",
    "provider-docker-build",
)
# The kernel gives connections a port of this range at any time, also that of a part that has not started yet.
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST, ATTEMPTS = 20_000, 50
# 10.X.0.0/16 in Kubernetes is 127.X.0.0/16 on this machine; 244 is the pod network that most guides use.
POD_NETWORKS = range(244, 255)


def choose(state: Path) -> dict[str, int]:
    """Return a free port for each name; reuse those of the last run if free, so that recorded endpoints stay valid."""
    ports = free(PORT_NAMES, read_json(state / PORTS_FILE) or {})
    write_json(state / PORTS_FILE, ports)
    return ports


def free(names: Iterable[str], preferred: Mapping[str, int]) -> dict[str, int]:
    """Return a free port for each name: the preferred one if it is free.

    Raises:
        CloudError: no port is free.
    """
    with reserved(names, preferred) as ports:
        return ports


@contextmanager
def reserved(names: Iterable[str], preferred: Mapping[str, int] | None = None) -> Iterator[dict[str, int]]:
    """Yield a free port for each name, as `free` does, and keep the ports bound for the duration of the block.

    During that time, only a process of the same user that sets SO_REUSEPORT can bind a newly allocated port.

    Raises:
        CloudError: no port is free.
    """
    ports: dict[str, int] = {}
    with ExitStack() as held:
        for name in names:
            holder = _bind((preferred or {}).get(name, 0)) or _new()
            if holder is None:
                raise CloudError("no free loopback port is left on this machine")
            held.enter_context(holder)
            ports[name] = holder.getsockname()[1]
        yield ports


def claim_pod_network(preferred: int | None) -> tuple[int, socket.socket]:
    """Claim a pod network on this machine for as long as the returned socket is open.

    Raises:
        CloudError: all pod networks are claimed.
    """
    for octet in [*([preferred] if preferred else []), *POD_NETWORKS]:
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            claim.bind(f"\0drydock-pod-network-{octet}")
        except OSError:
            claim.close()
            continue
        return octet, claim
    raise CloudError(f"{len(POD_NETWORKS)} local clouds run already; stop one with `drydock down`")


def _new() -> socket.socket | None:
    """Bind a free port below the ephemeral range, or any port if none is found."""
    try:
        end = int(EPHEMERAL.read_text().split()[0])
    except (OSError, ValueError):  # no Linux
        end = LOWEST
    for port in random.sample(range(LOWEST, end), ATTEMPTS) if end > LOWEST + ATTEMPTS else ():
        if (probe := _bind(port)) is not None:
            probe.close()
            return _bind(port, shared=True)
    return _bind(0, shared=True)


def _bind(port: int, *, shared: bool = False) -> socket.socket | None:
    """Bind a port. `shared` is for new ports only, otherwise two local clouds could bind the same preferred port."""
    if not port and not shared:
        return None
    holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        holder.bind(("127.0.0.1", port))
    except OSError:
        holder.close()
        return None
    return holder
