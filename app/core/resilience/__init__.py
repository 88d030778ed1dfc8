"""Circuit breakers, retries, background tasks and stale responses."""
