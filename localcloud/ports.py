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
LOWEST = 20_000
# 10.X.0.0/16 in Kubernetes is 127.X.0.0/16 on this machine; 244 is the pod network that most guides use.
POD_NETWORKS = range(244, 255)


def choose(state: Path, pod_octet: int) -> dict[str, int]:
    """Return a free port for each name; reuse those of the last run if free, so that recorded endpoints stay valid.

    New ports come from a block that belongs to the pod network, which is claimed. So two local clouds that start at the
    same time do not choose the same port before either listens on it. For the same reason a port of the last run is not
    reused if it is in the block of another pod network: a local cloud that claimed this network meanwhile may have
    chosen the port without listening on it yet.
    """
    block = 1 + POD_NETWORKS.index(pod_octet)
    known: dict[str, int] = read_json(state / PORTS_FILE) or {}
    kept = {name: port for name, port in known.items() if _block_of(port) in {block, None}}
    ports = free(PORT_NAMES, kept, block=block)
    write_json(state / PORTS_FILE, ports)
    return ports


def free(names: Iterable[str], preferred: Mapping[str, int], *, block: int = 0) -> dict[str, int]:
    """Return a different free port for each name: the preferred one if it is free, else one of the block.

    Args:
        names: what the ports are for.
        preferred: name -> port to use if it is free.
        block: 1 to 11 for each pod network, 0 for ports without a local cloud.

    Raises:
        CloudError: no port is free.
    """
    with reserved(names, preferred, block=block) as ports:
        return ports


@contextmanager
def reserved(
    names: Iterable[str], preferred: Mapping[str, int] | None = None, *, block: int = 0
) -> Iterator[dict[str, int]]:
    """Yield a free port for each name, as `free` does, and keep the ports bound for the duration of the block.

    During that time, only a process of the same user that sets SO_REUSEPORT can bind a newly allocated port.

    Raises:
        CloudError: no port is free.
    """
    ports: dict[str, int] = {}
    with ExitStack() as held:
        for name in names:
            holder = _again((preferred or {}).get(name, 0), ports) or _new(block)
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


def _again(port: int, chosen: Mapping[str, int]) -> socket.socket | None:
    """Bind the port of the last run, also if connections of that time are in TIME_WAIT; None if it is in use."""
    return _bind(port, socket.SO_REUSEADDR) if port and port not in chosen.values() else None


def _new(block: int) -> socket.socket | None:
    """Bind a free port of a block below the ephemeral range, or any port if none is found."""
    size = _block_size()
    first = LOWEST + block * size
    for port in random.sample(range(first, first + size), size):
        # Without an option, because a port that is bound, but without a listener yet, can be bound twice with one.
        if (probe := _bind(port)) is not None:
            probe.close()
            if (holder := _bind(port, socket.SO_REUSEPORT)) is not None:
                return holder
    return _bind(0, socket.SO_REUSEPORT)


def _block_size() -> int:
    try:
        end = int(EPHEMERAL.read_text().split()[0])
    except (OSError, ValueError):  # no Linux
        end = LOWEST
    return max(end - LOWEST, 0) // (1 + len(POD_NETWORKS))


def _block_of(port: int) -> int | None:
    """Return the number of the block that contains a port, or None if it is in no block."""
    size = _block_size()
    number = (port - LOWEST) // size if size else -1
    return number if 0 <= number <= len(POD_NETWORKS) else None


def _bind(port: int, *options: int) -> socket.socket | None:
    holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    for option in options:
        holder.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        holder.bind(("127.0.0.1", port))
    except OSError:
        holder.close()
        return None
    return holder
