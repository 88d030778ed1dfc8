"""Metrics as a scraper sees them."""

from prometheus_client import CollectorRegistry, generate_latest


def scraped(registry: CollectorRegistry) -> set[str]:
    """Return the lines of a scrape, without the comments."""
    return {line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")}
