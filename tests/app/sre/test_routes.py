"""The answers of `/sre`, also while the database is unavailable."""

import json

import httpx
import jsonschema
import pytest

from app.core.resilience.breaker import Breaker
from app.settings import Settings
from app.sre import schemas
from tests.support.client import client_of
from tests.support.postgres import PostgresServer

ANSWERS = {
    "/sre/dashboard": schemas.DashboardDoc,
    "/sre/health": schemas.HealthDoc,
    "/sre/metrics": schemas.MetricsDoc,
    "/sre/capacity": schemas.CapacityDoc,
    "/sre/alerts": schemas.AlertsDoc,
}


@pytest.fixture(autouse=True)
def _no_records(postgres: PostgresServer, database_url: str) -> None:
    postgres.execute("TRUNCATE request_minutes, instances", "app")


@pytest.mark.parametrize("path", ANSWERS)
async def test_answers_conform_to_their_schemas(client: httpx.AsyncClient, path: str) -> None:
    """To the model, without additional fields, and to the OpenAPI document."""
    await client.get("/api/v1/items")
    response = await client.get(path)
    document = (await client.get("/openapi.json")).json()

    assert response.status_code == 200
    ANSWERS[path].model_validate_json(response.content)
    schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(response.json(), {**schema, "components": document["components"]})
    assert response.json()["degraded"] is False


@pytest.mark.parametrize("path", [*ANSWERS, "/sre/dashboard-ui"])
async def test_answers_without_a_database(cut_off: httpx.AsyncClient, path: str) -> None:
    """The answers are marked as degraded."""
    response = await cut_off.get(path)

    assert response.status_code == 200
    if path in ANSWERS:
        ANSWERS[path].model_validate_json(response.content)
        assert (response.json()["degraded"], response.json()["as_of"]) == (True, None)
    else:
        assert "The database is unavailable" in response.text


async def test_requests_that_fail_in_an_outage_raise_alerts(cut_off: httpx.AsyncClient) -> None:
    """They are counted although they cannot be saved; the status is critical."""
    for _ in range(5):
        assert (await cut_off.get("/api/v1/items")).status_code == 503
    dashboard = (await cut_off.get("/sre/dashboard")).json()

    assert dashboard["metrics"]["windows"]["5m"]["server_errors"] == 5
    assert {"not-ready", "availability-burn-rate"} <= {alert["name"] for alert in dashboard["alerts"]}
    assert dashboard["health"]["status"] == "critical"


async def test_a_healthy_service_has_no_alerts_and_full_budgets(client: httpx.AsyncClient) -> None:
    """It is the only listed instance."""
    dashboard = (await client.get("/sre/dashboard")).json()

    assert (dashboard["health"]["status"], dashboard["alerts"]) == ("healthy", [])
    assert [instance["role"] for instance in dashboard["instances"]] == ["serve"]
    assert dashboard["instances"][0]["instance"] == dashboard["health"]["instance"]
    assert dashboard["capacity"]["recommended_replicas"] == 2
    assert [slo["error_budget_left"] for slo in dashboard["slos"]] == [1.0] * 6


async def test_other_instances_are_listed(
    client: httpx.AsyncClient, postgres: PostgresServer, settings: Settings
) -> None:
    """With their breakers, and the queue of their report."""
    breaker = Breaker("queue", failure_threshold=1)
    breaker.failed()
    queue = {"visible": 3, "in_flight": 1, "dead": 0, "reachable": True}
    report = json.dumps({"breakers": [breaker.describe()], "queue": queue, "cpu": 0.25})
    postgres.execute(f"INSERT INTO instances (instance, role, report) VALUES ('w', 'worker', '{report}')", "app")
    dashboard = (await client.get("/sre/dashboard")).json()

    assert dashboard["jobs"]["queue"] == queue
    assert [alert["name"] for alert in dashboard["alerts"]] == ["breaker-open-queue"]
    assert dashboard["health"]["status"] == "degraded"
    worker = dashboard["instances"][1]
    assert (worker["instance"], worker["cpu"], worker["circuit_breakers"][0]["state"]) == ("w", 0.25, "open")


async def test_records_are_kept_over_a_restart(settings: Settings) -> None:
    """The first process saves them at its end. Requests to `/sre` are not counted."""
    async with client_of(settings) as client:
        for _ in range(7):
            await client.get("/api/v1/items")
        await client.get("/sre/metrics")
    async with client_of(settings) as client:
        metrics = (await client.get("/sre/metrics")).json()

    assert metrics["windows"]["5m"]["requests"] == 7
    assert metrics["windows"]["1d"]["p99_ms"] > 0


async def test_the_page_has_no_inline_style_or_script(client: httpx.AsyncClient) -> None:
    """The content security policy forbids both."""
    response = await client.get("/sre/dashboard-ui")

    assert response.headers["content-type"].startswith("text/html")
    assert "unsafe-inline" not in response.headers["content-security-policy"]
    assert " style=" not in response.text
    assert response.text.count("<script") == response.text.count("<script src=") == 1
