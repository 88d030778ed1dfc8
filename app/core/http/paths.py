"""Groups of paths that middleware treats alike. A path covers all paths below it."""

FAULT_INJECTION = ("/faults", "/readyz")
NOT_RATE_LIMITED = ("/health", *FAULT_INJECTION)
OPERATIONAL = (*NOT_RATE_LIMITED, "/metrics", "/sre", "/static")
"""Probes and the pages of operators: no limit and no injected fault applies, and they count in no metric."""
ADMIN = ("/sre", "/metrics", *FAULT_INJECTION)
"""Served only on ADMIN_PORT, if it is set."""
ON_BOTH_PORTS = ("/health", "/static")
"""Served on both ports: probes may use either, and the pages of both need their style sheets."""


def under(path: str, roots: tuple[str, ...]) -> bool:
    """Return whether the path is one of the roots, or below one."""
    # The first test is cheap, and false for most paths.
    return path.startswith(roots) and any(path == root or path.startswith(f"{root}/") for root in roots)
