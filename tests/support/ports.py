"""Free loopback ports for tests, chosen as by the local cloud."""

from localcloud import ports


def free_port() -> int:
    """Return a port without a listener."""
    return free_ports("any")["any"]


def free_ports(*names: str) -> dict[str, int]:
    """Return name -> free port, all different."""
    return ports.free(names)
