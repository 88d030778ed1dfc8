"""`/api/v1/jobs`: submit jobs and read their state."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from structlog.contextvars import get_contextvars

from app.core.http.access import write_scope
from app.core.http.json_response import json_response
from app.core.http.problems import InvalidFieldError, problem, problem_docs
from app.core.postgres.database import Database
from app.jobs.kinds import JobBody, Kind, State
from app.jobs.store import JobQuery, JobStore
from app.resources.docs import IDEMPOTENCY_KEY
from app.resources.idempotency import REPLAYED_DOCS, StoredResponse, idempotency_key, idempotent
from app.resources.pages import Page
from app.settings import Settings
from app.telemetry.tracing import Tracing

NO_QUEUE = "this service has no queue; set QUEUE_URL"
MAX_CURSOR = 128
_SPAN = {"messaging.system": "aws_sqs", "messaging.operation.type": "create", "messaging.operation.name": "create"}

_ID = "0b4e2c9f-4a4b-4f0c-8d3f-6c2f1f0a7d11"
_LOCATION = {
    "description": "URL of the job.",
    "required": True,
    "schema": {"type": "string"},
    "example": f"/api/v1/jobs/{_ID}",
}


class Job(BaseModel):
    """The state of a job: `queued`, then `running` or `retrying`, at the end `succeeded` or `dead`."""

    id: UUID = Field(examples=[_ID])
    kind: Kind = Field(examples=["import-items"])
    state: State = Field(examples=["succeeded"])
    attempts: int = Field(examples=[1], description="Number of attempts so far.")
    result: dict[str, Any] | None = Field(examples=[{"created": 2, "first_id": 7}])
    error: str | None = Field(examples=[None], description="Error of the last attempt.")
    request_id: str | None = Field(examples=["0b4e2c9f4a4b4f0c8d3f6c2f1f0a7d11"])
    created_at: datetime = Field(examples=["2026-01-31T12:00:00Z"])
    updated_at: datetime = Field(examples=["2026-01-31T12:00:01Z"])
    finished_at: datetime | None = Field(examples=["2026-01-31T12:00:01Z"])


class JobListParams(BaseModel):
    """Query parameters of a list of jobs."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200, description="Maximum number of entries.", examples=[50])
    cursor: str | None = Field(
        None, min_length=1, max_length=MAX_CURSOR, description="`next_cursor` of the previous page; default: newest."
    )
    kind: Kind | None = Field(None, description="Only jobs of this kind.", examples=["import-items"])
    state: State | None = Field(None, description="Only jobs in this state.", examples=["dead"])


def jobs_router(database: Database, settings: Settings, base_url: str, tracing: Tracing) -> APIRouter:
    """Return the routes. `base_url` begins the links; "" makes them paths. `tracing` gives the trace of a job."""
    router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"], responses=problem_docs(422, 429, 503))
    store = JobStore(database, settings)

    async def create(body: JobBody, connection: AsyncConnection[DictRow] | None = None) -> StoredResponse:
        request_id = get_contextvars().get("request_id")
        with tracing.span("create job", "producer", _SPAN):  # the parent of the span of the worker
            payload = body.payload.model_dump()
            row = await store.create(body.kind, payload, request_id, tracing.traceparent(), connection)
        return StoredResponse(status=202, body=orjson.dumps(row), location=f"{base_url}/api/v1/jobs/{row['id']}")

    @router.post(
        "",
        status_code=202,
        response_model=Job,
        responses={
            202: {"headers": {"Location": _LOCATION, "Idempotency-Replayed": REPLAYED_DOCS}},
            **problem_docs(400, 409, 413),
        },
        openapi_extra=IDEMPOTENCY_KEY,
    )
    @write_scope("jobs:write")
    async def submit_job(request: Request, body: JobBody) -> Response:
        """Accept a job, which a worker runs once. `Location` is the URL of the job."""
        key = idempotency_key(request)
        if settings.queue_url is None:
            return problem(409, NO_QUEUE)
        if key is None:
            return (await create(body)).response()

        async def make(connection: AsyncConnection[DictRow]) -> StoredResponse:
            return await create(body, connection)

        return await idempotent(database, "jobs", key, await request.body(), make)

    @router.get("", response_model=Page[Job])
    async def list_jobs(params: Annotated[JobListParams, Query()]) -> Response:
        """List jobs, the newest first."""
        after = decode_cursor(params.cursor) if params.cursor is not None else None
        query = JobQuery(limit=params.limit + 1, kind=params.kind, state=params.state, after=after)
        rows = await store.page(query)
        shown = rows[: params.limit]
        cursor = encode_cursor(shown[-1]["created_at"], shown[-1]["id"]) if len(rows) > params.limit else None
        return json_response({"items": shown, "next_cursor": cursor})

    @router.get("/{id}", response_model=Job, responses=problem_docs(404))
    async def read_job(id: UUID) -> Response:
        """Return the state of a job."""
        row = await store.read(id)
        if row is None:
            raise HTTPException(404, f"there is no job {id}")
        return json_response(row)

    return router


def encode_cursor(created_at: datetime, id: UUID) -> str:
    """Return the cursor of the page after this job; in UTC, so that there is one form."""
    parts = ["jobs", created_at.astimezone(UTC).isoformat(), id.hex]
    return urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[datetime, UUID]:
    """Return the job after which the page starts. Raises InvalidFieldError for a text that is not a cursor."""
    try:
        _, created_at, id = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        after = (datetime.fromisoformat(created_at), UUID(id))
        if after[0].tzinfo is not None and encode_cursor(*after) == cursor:
            return after
    except (ValueError, TypeError, AttributeError, OverflowError):
        pass
    raise InvalidFieldError("query.cursor", "must be the next_cursor of an earlier page of the jobs")
