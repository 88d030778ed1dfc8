"""Paths that no limit and no injected fault applies to: probes, and what people need in times of trouble."""

PROBES = ("/health", "/faults", "/readyz")
EXEMPT = (*PROBES, "/metrics", "/sre", "/static")


def under(path: str, roots: tuple[str, ...]) -> bool:
    """Return whether the path is one of the roots, or below one."""
    # The second question is the dear one, and mostly the first one's answer is no.
    return path.startswith(roots) and any(path == root or path.startswith(f"{root}/") for root in roots)
