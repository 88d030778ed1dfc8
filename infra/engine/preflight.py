"""Checks before a local cloud is started."""

import shutil
import socket
from pathlib import Path

from infra.errors import InputError, OperationError
from localcloud import ports

# A new local cloud takes 200 MB: etcd and PostgreSQL preallocate their logs. The rest is for growth.
NEEDED_MEGABYTES = 500


def require_space(state: Path) -> None:
    """Check that the disk has space for the data of a local cloud.

    Raises:
        OperationError: the disk is too full; the message has the required space.
    """
    free = shutil.disk_usage(state).free // 1_000_000
    if free < NEEDED_MEGABYTES:
        raise OperationError(
            f"{state}: the disk is full: {free} MB are free and a local cloud needs {NEEDED_MEGABYTES}; free some space"
        )


def require_free_port(address: str, setting: str, port: int, stack: str) -> None:
    """Check that the gateway can listen on the port of a setting, such as `edge.httpPort`.

    Raises:
        InputError: another process listens there; the message names it if it is visible to this user.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError:
            raise InputError(f"{setting} {port} in Pulumi.{stack}.yaml needs root; use a port from 1024") from None
        except OSError:
            raise InputError(
                f"{setting} {port} in Pulumi.{stack}.yaml is in use on {address}{ports.owner(port)}; "
                "stop that process, or set another port"
            ) from None
