"""What can be known to go wrong before anything is started."""

import socket

import psutil

from infra.errors import InputError


def require_free_port(address: str, port: int, stack: str) -> None:
    """Check that the gateway will be able to listen for the service.

    Raises:
        InputError: somebody else listens there; the message says who, where one may know.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError:
            raise InputError(
                f"service.port {port} in Pulumi.{stack}.yaml needs root; accepted here: a port from 1024"
            ) from None
        except OSError:
            raise InputError(
                f"service.port {port} in Pulumi.{stack}.yaml is in use on {address}{_owner(port)}; "
                "stop that process, or set another port"
            ) from None


def _owner(port: int) -> str:
    """` by NAME (pid N)` where this user may see it."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return ""
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
            return f" by {psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return ""
