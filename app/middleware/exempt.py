"""Paths that no limit applies to: probes, and what people look at while the service is in trouble."""

EXEMPT = ("/health", "/metrics", "/sre", "/static")
