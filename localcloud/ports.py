"""Allocates loopback ports and pod networks.

A local cloud keeps its ports across restarts, because states record the endpoints, as they record those of AWS.
"""

import random
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from localcloud.cloud import JOURNAL_FILE
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
RECORDED = frozenset({"kube-apiserver", "rds", "aws"})
"""The ports of endpoints that outputs of resources contain: of the cluster, the database and the queues."""
Claim = Callable[[int], bool]
"""Claims a port, and returns False if another local cloud has claimed it."""
# The kernel assigns ports of this range to connections at any time, even the port of a part before its start.
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
# Below that range: the ports from LOWEST are for temporary servers, those from LOWEST_OF_CLOUDS for local clouds.
LOWEST, LOWEST_OF_CLOUDS = 20_000, 21_000
# 10.X.0.0/16 in Kubernetes is 127.X.0.0/16 on this machine; 244 is the pod network that most guides use.
POD_NETWORKS = range(244, 255)


def choose(state: Path, claims: ExitStack) -> dict[str, int]:
    """Return a free port for each name: that of the last run, or a new one if it is in use.

    Each port is claimed. So no local cloud chooses the port of another one whose part does not listen on it at the
    moment, because it is starting.

    Args:
        state: the state folder of the local cloud.
        claims: the claims end when this is closed.

    Raises:
        CloudError: no port is free, a port that a deployed resource contains is in use, or the file of the ports is
            not valid.
    """
    journal = state / JOURNAL_FILE
    recorded = RECORDED if journal.exists() and journal.stat().st_size else frozenset()
    known = _known(state / PORTS_FILE, recorded)

    def claim(port: int) -> bool:
        claimed = _claim(f"drydock-port-{port}")
        if claimed:
            claims.enter_context(claimed)
        return claimed is not None

    with ExitStack() as held:
        ports = _hold(PORT_NAMES, known, range(LOWEST_OF_CLOUDS, _lowest_ephemeral()), claim, held)
    for name in sorted(recorded):
        if ports[name] != known[name]:
            raise CloudError(
                f"port {known[name]} is in use{owner(known[name])}, and the deployed resources expect {name} of this "
                "local cloud there; stop that process, or delete the local cloud with its data: drydock down local"
            )
    write_json(state / PORTS_FILE, ports)
    return ports


def _known(path: Path, required: Iterable[str]) -> dict[str, int]:
    """Return the ports of the last run by name."""
    found = read_json(path)
    known = {} if found is None else found
    if problem := _problem(known, required):
        raise CloudError(
            f"{path} is corrupt ({problem}); restore it, or delete the local cloud with its data: drydock down local"
        )
    ports: dict[str, int] = known
    return ports


def _problem(known: object, required: Iterable[str]) -> str:
    if not isinstance(known, dict):
        return "it is not a JSON object"
    if wrong := [name for name, port in known.items() if type(port) is not int or not 0 < port < 65536]:
        return f"the value of {wrong[0]} is not a port from 1 to 65535"
    if len(set(known.values())) < len(known):
        return "two names have the same port"
    if missing := sorted(set(required) - set(known)):
        return f"deployed resources contain the port of {missing[0]}, which is missing"
    return ""


def owner(port: int) -> str:
    """Return ` by NAME (pid N)` for the process that listens on a port if it is visible to this user, else ""."""
    import psutil  # noqa: PLC0415 - parts and stand-ins import this module, and only a message needs it

    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return ""
    for connection in connections:
        listens = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
        if listens and connection.pid:
            with suppress(psutil.NoSuchProcess):
                return f" by {psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return ""


def free(names: Iterable[str]) -> dict[str, int]:
    """Return a different free port for each name.

    Raises:
        CloudError: no port is free.
    """
    with reserved(names) as ports:
        return ports


@contextmanager
def reserved(names: Iterable[str]) -> Iterator[dict[str, int]]:
    """Yield a different free port for each name, and keep the ports bound for the duration of the block.

    During that time, only a process of the same user that sets SO_REUSEPORT can bind one of them.

    Raises:
        CloudError: no port is free.
    """
    with ExitStack() as held:
        yield _hold(names, {}, range(LOWEST, LOWEST_OF_CLOUDS), lambda _port: True, held)


def claim_pod_network(preferred: int | None) -> tuple[int, socket.socket]:
    """Claim a pod network on this machine for as long as the returned socket is open.

    Raises:
        CloudError: all pod networks are claimed.
    """
    for octet in [*([preferred] if preferred else []), *POD_NETWORKS]:
        if claim := _claim(f"drydock-pod-network-{octet}"):
            return octet, claim
    raise CloudError(f"{len(POD_NETWORKS)} local clouds run already; stop one with `drydock down`")


def _claim(name: str) -> socket.socket | None:
    """Return a socket with an abstract name, which the kernel gives to one process at a time; None if it is taken."""
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        claim.bind(f"\0{name}")
    except OSError:
        claim.close()
        return None
    return claim


def _hold(
    names: Iterable[str], preferred: Mapping[str, int], new: range, claim: Claim, held: ExitStack
) -> dict[str, int]:
    """Bind a port for each name: the preferred one if it is free, else a random one of `new`, else any."""
    names = list(names)
    ports: dict[str, int] = {}
    for name in names:
        port = preferred.get(name)
        # With the option, also if connections of the last run are in TIME_WAIT.
        if port and (kept := _bind(port, socket.SO_REUSEADDR, claim=claim)):
            held.enter_context(kept)
            ports[name] = port
    untried = iter(random.sample(new, len(new)))
    for name in names:  # after all that are kept, so that none of them is given to another name
        if name not in ports:
            ports[name] = held.enter_context(_new(untried, claim)).getsockname()[1]
    return ports


def _new(untried: Iterator[int], claim: Claim) -> socket.socket:
    for port in untried:
        # Without an option, because a port that is bound, but without a listener yet, can be bound twice with one.
        if (probe := _bind(port)) is not None:
            probe.close()
            if (holder := _bind(port, socket.SO_REUSEPORT, claim=claim)) is not None:
                return holder
    if (holder := _bind(0, socket.SO_REUSEPORT, claim=claim)) is not None:
        return holder
    raise CloudError("no free loopback port is left on this machine")


def _lowest_ephemeral() -> int:
    try:
        return int(EPHEMERAL.read_text().split()[0])
    except (OSError, ValueError):  # no Linux
        return LOWEST


def _bind(port: int, *options: int, claim: Claim = lambda _port: True) -> socket.socket | None:
    holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    for option in options:
        holder.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        holder.bind(("127.0.0.1", port))
    except OSError:
        pass
    else:
        if claim(holder.getsockname()[1]):
            return holder
    holder.close()
    return None
