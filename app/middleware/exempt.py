"""Paths that no limit and no injected fault applies to: probes, and what people need in times of trouble."""

EXEMPT = ("/health", "/metrics", "/sre", "/faults", "/readyz/", "/static")
