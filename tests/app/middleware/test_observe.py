"""What is counted, and what an unexpected error looks like."""

import json

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from app.settings import LogLevel
from app.store.table import Table
from app.telemetry.access_log import access_log


async def requests(client: httpx.AsyncClient) -> dict[tuple[str, str, str], float]:
    families = text_string_to_metric_families((await client.get("/metrics")).text)
    samples = next(family.samples for family in families if family.name == "http_requests")
    return {
        (s.labels["method"], s.labels["route"], s.labels["status"]): s.value
        for s in samples
        if s.name == "http_requests_total"
    }


async def test_requests_are_counted_by_the_routes_template(client: httpx.AsyncClient) -> None:
    """However many paths and methods clients think of, the number of series is bounded."""
    for id in range(1, 4):
        await client.get(f"/api/v1/items/{id}")
        await client.request("BREW", f"/nowhere/{id}")

    counted = await requests(client)
    assert counted["GET", "/api/v1/items/{id}", "404"] == 3
    assert counted["OTHER", "unmatched", "404"] == 3
    assert len(counted) == 2


async def test_an_unexpected_error_is_a_problem_and_is_logged(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client learns nothing of the inside; the log has the traceback; the counter has the 500."""

    async def broken(*_: object) -> None:
        raise ZeroDivisionError("inside")

    monkeypatch.setattr(Table, "read", broken)
    with capture_logs() as lines:
        response = await client.get("/api/v1/items/1")

    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "inside" not in response.text
    assert response.headers["X-Frame-Options"] == "DENY"
    assert [line["exc_info"] for line in lines if line["event"] == "request failed"] == [True]
    assert (await requests(client))["GET", "/api/v1/items/{id}", "500"] == 1


async def test_a_request_is_one_line_without_its_query(
    client: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    """Probes are only seen at debug level."""
    access_log.configure(LogLevel.DEBUG)
    try:
        await client.get("/api/v1/items?limit=3")
        await client.get("/health/live")
    finally:
        access_log.reset()

    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines() if '"event":"request"' in line]
    seen = {(line["level"], line["path"], line["status"]) for line in lines}
    assert seen == {("info", "/api/v1/items", 200), ("debug", "/health/live", 200)}
