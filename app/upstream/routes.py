"""`/api/v1/upstream`: the current response of the external dependency, or its last one."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, Field

from app.core.http.json_response import json_response
from app.core.http.problems import RETRY_AFTER_SECONDS, problem_docs, retry_after
from app.core.resilience.stale import stale_headers
from app.upstream.client import UpstreamRefusedError, UpstreamUnavailableError
from app.upstream.reader import UpstreamReader


class UpstreamAnswer(BaseModel):
    """The response of the external dependency."""

    data: Any = Field(examples=[{"rate": 1.07}], description="The JSON, unchanged.")
    degraded: bool = Field(examples=[False], description="True: the dependency is unavailable; this is its last reply.")
    as_of: datetime = Field(description="When the response was received.")


def upstream_router(upstream: UpstreamReader | None) -> APIRouter:
    """Return the route; without an upstream it returns 404."""
    router = APIRouter(prefix="/api/v1", tags=["upstream"], responses=problem_docs(404, 503))

    @router.get("/upstream", response_model=UpstreamAnswer)
    async def read_upstream() -> Response:
        """A stale response is a 200 with `X-Degraded: upstream`, `Age` and `Warning`."""
        if upstream is None:
            raise HTTPException(404, "no external dependency is configured; set UPSTREAM_URL")
        try:
            reading = await upstream.read()
        except (UpstreamUnavailableError, UpstreamRefusedError):
            detail = "the external dependency is unavailable; try again"
            raise HTTPException(503, detail, retry_after(RETRY_AFTER_SECONDS)) from None
        headers = stale_headers("upstream", reading.age_seconds(datetime.now(UTC))) if reading.degraded else None
        return json_response(
            {"data": reading.data, "degraded": reading.degraded, "as_of": reading.as_of}, headers=headers
        )

    return router
