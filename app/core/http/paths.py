"""Groups of paths that middleware treats alike. A path covers all paths below it."""

FAULT_INJECTION = ("/faults", "/readyz")
NOT_RATE_LIMITED = ("/health", *FAULT_INJECTION)
OPERATIONAL = (*NOT_RATE_LIMITED, "/metrics", "/sre", "/static")
"""Probes and the pages of operators: no limit and no injected fault applies, and they count in no metric."""
ADMIN = ("/sre", "/metrics", *FAULT_INJECTION)
"""Served on ADMIN_PORT alone, if that is set."""
ON_BOTH_PORTS = ("/health", "/static")
"""Probes may use either port, and the pages of both need their styles."""


def under(path: str, roots: tuple[str, ...]) -> bool:
    """Return whether the path is one of the roots, or below one."""
    # The first test is cheap, and false for most paths.
    return path.startswith(roots) and any(path == root or path.startswith(f"{root}/") for root in roots)
