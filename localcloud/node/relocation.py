"""Paths of a container that begin at its own root, as they are on this machine.

A process here shares the machine's file system, so what a pod mounts lies in the pod's folder. Where an environment
value or an argument is a mount path, or a path below one, it is rewritten; `--flag=/path` is understood too. A path
that is written in the program's own code is not found.
"""

from collections.abc import Mapping


def relocate(value: str, mounts: Mapping[str, str]) -> str:
    """Rewrite a value by the longest mount path that it starts with.

    Args:
        value: an environment value or an argument.
        mounts: path in the container -> path on this machine.
    """
    flag, equals, path = value.partition("=") if value.startswith("-") else ("", "", value)
    for mount in sorted(mounts, key=len, reverse=True):
        if path == mount or path.startswith(f"{mount.rstrip('/')}/"):
            return f"{flag}{equals}{mounts[mount]}{path[len(mount.rstrip('/')) :]}"
    return value
