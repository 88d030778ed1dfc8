"""The metrics endpoint, `/metrics`."""

import httpx
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus


async def test_metrics_cover_the_golden_signals_the_pool_and_the_process(client: httpx.AsyncClient) -> None:
    """The thresholds of the service levels are bucket edges."""
    await client.get("/api/v1/items")

    families = {family.name: family for family in prometheus((await client.get("/metrics")).text)}

    assert {
        "http_requests",
        "http_request_duration_seconds",
        "http_requests_in_flight",
        "db_pool_connections",
        "db_pool_requests_waiting",
        "process_resident_memory_bytes",
        "app_info",
    } <= families.keys()
    edges = {sample.labels.get("le") for sample in families["http_request_duration_seconds"].samples}
    assert {"0.2", "0.5"} <= edges
    assert families["db_pool_max_connections"].samples[0].value == 10


async def test_a_scraper_may_request_openmetrics(client: httpx.AsyncClient) -> None:
    """The answer is valid OpenMetrics."""
    response = await client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})

    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert any(family.name == "http_requests" for family in openmetrics(response.text))
