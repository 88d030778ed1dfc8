"""Metrics in the format of a scrape."""

from prometheus_client import CollectorRegistry, generate_latest


def scraped(registry: CollectorRegistry) -> set[str]:
    """Return the lines of a scrape without comments."""
    return {line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")}
