"""Translates paths inside a container to paths on this machine.

A local process shares the machine's file system, so the volumes that a pod mounts are in the pod's folder. If an
environment value or an argument is a mount path or a path below one, it is rewritten; the form `--flag=/path` is
supported too. Paths that are hard-coded in the program cannot be rewritten.
"""

from collections.abc import Mapping


def relocate(value: str, mounts: Mapping[str, str]) -> str:
    """Rewrite a value according to the longest mount path that it starts with.

    Args:
        value: an environment value or an argument.
        mounts: path in the container -> path on this machine.
    """
    flag, equals, path = value.partition("=") if value.startswith("-") else ("", "", value)
    for mount in sorted(mounts, key=len, reverse=True):
        if path == mount or path.startswith(f"{mount.rstrip('/')}/"):
            return f"{flag}{equals}{mounts[mount]}{path[len(mount.rstrip('/')) :]}"
    return value
