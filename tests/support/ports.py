"""Loopback ports for tests, as the local cloud chooses its own."""

from localcloud import ports


def free_port() -> int:
    """Return a port that nobody listens on now."""
    return free_ports("any")["any"]


def free_ports(*names: str) -> dict[str, int]:
    """Return a free port for each name, all different."""
    return ports.free(names, {})
