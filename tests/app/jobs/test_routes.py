"""The routes of jobs, `/api/v1/jobs`, on a real database."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID, uuid4

import httpx
import orjson
import psycopg
import pytest

from app.core.http.middleware.request_id import RequestId
from app.core.http.problems import ProblemApi, add_problem_handlers
from app.core.postgres.database import Database
from app.jobs.routes import encode_cursor, jobs_router
from app.settings import Settings
from app.telemetry import trace as traces
from app.telemetry.trace import parse_traceparent
from app.telemetry.tracing import Tracing

IMPORT = {"kind": "import-items", "payload": {"items": [{"name": "anchor"}]}}
NOTIFY = {"kind": "notify-user", "payload": {"user_id": 7, "message": "hello"}}
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@asynccontextmanager
async def client_of(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    database = Database(settings)
    app = ProblemApi()
    app.add_middleware(RequestId)
    add_problem_handlers(app)
    app.include_router(jobs_router(database, settings, "", Tracing(settings, "test")))
    await database.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
        yield client
    await database.close()


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, queue_url="http://queue/jobs")


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(settings) as client:
        yield client


async def submit(client: httpx.AsyncClient, body: object = IMPORT, **headers: str) -> httpx.Response:
    return await client.post("/api/v1/jobs", json=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def outbox(database_url: str) -> int:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT count(*) FROM outbox JOIN jobs ON jobs.id = job_id").fetchone()
    assert row is not None
    return int(row[0])


async def test_accepts_a_job(client: httpx.AsyncClient, database_url: str) -> None:
    """A GET of its Location returns it. It is in the outbox, and has the ids of the request and its trace."""
    traces.enter(parse_traceparent(TRACEPARENT))

    response = await submit(client, x_request_id="request-1")

    assert response.status_code == 202, response.text
    job = response.json()
    assert (job["kind"], job["state"], job["attempts"], job["request_id"]) == ("import-items", "queued", 0, "request-1")
    assert response.headers["Location"] == f"/api/v1/jobs/{job['id']}"
    assert (await client.get(response.headers["Location"])).json() == job
    assert outbox(database_url) == 1
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT payload, traceparent FROM jobs").fetchone()
    assert row == ({"items": [{"name": "anchor", "description": ""}]}, TRACEPARENT)


async def test_an_idempotency_key_prevents_a_second_job(client: httpx.AsyncClient, database_url: str) -> None:
    """The second request gets the first answer; the key is refused with another body."""
    first = await submit(client, idempotency_key="k")
    second = await submit(client, idempotency_key="k")
    other = await submit(client, NOTIFY, idempotency_key="k")

    assert (first.status_code, second.status_code, other.status_code) == (202, 202, 422)
    assert (second.json(), second.headers["Location"]) == (first.json(), first.headers["Location"])
    assert second.headers["Idempotency-Replayed"] == "true"
    assert outbox(database_url) == 1


async def test_without_a_queue_no_job_is_accepted(settings: Settings, database_url: str) -> None:
    """The answer is 409, not 503, because a retry would not help."""
    async with client_of(settings.model_copy(update={"queue_url": None})) as client:
        response = await submit(client)
        listed = await client.get("/api/v1/jobs")

    assert (response.status_code, response.headers["content-type"]) == (409, "application/problem+json")
    assert response.json()["detail"] == "this service has no queue; set QUEUE_URL"
    assert listed.json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"kind": "mend-sails", "payload": {}}, "body"),
        ({"kind": "import-items"}, "body.import-items.payload"),
        ({"kind": "import-items", "payload": {"items": []}}, "body.import-items.payload.items"),
        ({"kind": "import-items", "payload": {"items": [{"name": "x"}] * 501}}, "body.import-items.payload.items"),
        ({"kind": "import-items", "payload": {"items": [{"name": " "}]}}, "body.import-items.payload.items.0.name"),
        ({"kind": "import-items", "payload": NOTIFY["payload"]}, "body.import-items.payload.items"),
        ({"kind": "notify-user", "payload": {"user_id": 0, "message": "x"}}, "body.notify-user.payload.user_id"),
        ({"kind": "notify-user", "payload": {"user_id": "1", "message": "x"}}, "body.notify-user.payload.user_id"),
        ({"kind": "notify-user", "payload": {"user_id": True, "message": "x"}}, "body.notify-user.payload.user_id"),
        ({"kind": "notify-user", "payload": {"user_id": 1, "message": "\0"}}, "body.notify-user.payload.message"),
        ({**NOTIFY, "colour": "red"}, "body.notify-user.colour"),
    ],
)
async def test_rejects_an_invalid_field(client: httpx.AsyncClient, database_url: str, body: object, field: str) -> None:
    """Nothing is stored."""
    response = await submit(client, body)

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == field
    assert outbox(database_url) == 0


async def test_pages_contain_every_job_once_newest_first(client: httpx.AsyncClient) -> None:
    """Also if jobs are created between the pages."""
    ids = [(await submit(client)).json()["id"] for _ in range(5)]
    first = (await client.get("/api/v1/jobs", params={"limit": 2})).json()
    await submit(client)
    seen, cursor = [job["id"] for job in first["items"]], first["next_cursor"]
    while cursor:
        page = (await client.get("/api/v1/jobs", params={"limit": 2, "cursor": cursor})).json()
        seen += [job["id"] for job in page["items"]]
        cursor = page["next_cursor"]

    assert seen == ids[::-1]


async def test_filters_jobs_by_kind_and_state(client: httpx.AsyncClient) -> None:
    """Each filter is used alone."""
    await submit(client)
    await submit(client, NOTIFY)

    async def kinds(**params: str) -> list[str]:
        return [job["kind"] for job in (await client.get("/api/v1/jobs", params=params)).json()["items"]]

    assert await kinds(kind="notify-user") == ["notify-user"]
    assert await kinds(state="queued") == ["notify-user", "import-items"]
    assert await kinds(state="dead") == []


async def test_an_unknown_job_gets_404(client: httpx.AsyncClient) -> None:
    """As a problem with the id."""
    id = uuid4()
    response = await client.get(f"/api/v1/jobs/{id}")

    assert (response.status_code, response.json()["detail"]) == (404, f"there is no job {id}")


@pytest.mark.parametrize(
    "path",
    ["/x", "?limit=0", "?limit=201", "?cursor=", "?cursor=x", "?kind=x", "?state=x", "?colour=red"],
)
async def test_rejects_ids_and_parameters_out_of_range(client: httpx.AsyncClient, path: str) -> None:
    """Each gets 422 with one error."""
    response = await client.get(f"/api/v1/jobs{path}")

    assert response.status_code == 422
    assert len(response.json()["errors"]) == 1


async def test_rejects_a_changed_cursor(client: httpx.AsyncClient) -> None:
    """Also in another encoding of the same values."""
    await submit(client)
    job = (await submit(client)).json()
    cursor = (await client.get("/api/v1/jobs", params={"limit": 1})).json()["next_cursor"]
    assert cursor == encode_cursor(datetime.fromisoformat(job["created_at"]), UUID(job["id"]))
    naive = urlsafe_b64encode(orjson.dumps(["jobs", "2026-01-31T12:00:00", UUID(job["id"]).hex])).decode().rstrip("=")

    for changed in (cursor + "=", cursor[:-4], naive):
        assert (await client.get("/api/v1/jobs", params={"cursor": changed})).status_code == 422
