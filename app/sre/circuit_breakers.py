"""`/sre/circuit-breakers`: the breakers of this process, and of the others as they last reported."""

import asyncio
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from app.core.health.reports import GONE_SECONDS
from app.core.http.json_response import json_response
from app.core.postgres.database import Database
from app.core.resilience.breaker import Breakers
from app.sre.records import RECORDS_UNAVAILABLE

CHECKOUT_SECONDS = 0.5
TIMEOUT_SECONDS = 1.0  # of checkout and statement; no request deadline applies here
_REPORTS = b"""
    SELECT instance, role, seen_at, report -> 'breakers' AS breakers FROM instances
    WHERE seen_at > now() - make_interval(secs => %(seconds)s) ORDER BY role, instance
"""


class BreakerState(BaseModel):
    """One circuit breaker."""

    name: str = Field(examples=["database"])
    state: str = Field(examples=["closed"], description="`closed`, `open` or `half-open`.")
    failures: int = Field(examples=[0], description="Consecutive failures.")
    opened_count: int = Field(examples=[0], description="Number of times it has opened since the start of the process.")
    last_changed: datetime | None = Field(examples=[None])
    retry_after_seconds: float = Field(examples=[0.0], description="Seconds until the next probe call.")


class InstanceBreakers(BaseModel):
    """The breakers of another process."""

    instance: str = Field(examples=["api-worker-7d9c-1a2b3c4d"])
    role: str = Field(examples=["worker"])
    seen_at: datetime
    breakers: list[BreakerState]


class CircuitBreakers(BaseModel):
    """All circuit breakers that this process knows of."""

    circuit_breakers: list[BreakerState]
    instances: list[InstanceBreakers]
    degraded: bool = Field(description="True: the database is unavailable, and `instances` is the last known state.")


def circuit_breakers_router(breakers: Breakers, database: Database) -> APIRouter:
    """Return the route; it works while any dependency is unavailable."""
    router = APIRouter(prefix="/sre", tags=["sre"])
    known: list[dict[str, Any]] = []

    @router.get("/circuit-breakers", response_model=CircuitBreakers)
    async def circuit_breakers() -> Response:
        nonlocal known
        degraded = False
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS), database.connection(CHECKOUT_SECONDS) as connection:
                rows = await (await connection.execute(_REPORTS, {"seconds": GONE_SECONDS})).fetchall()
            known = [{**row, "breakers": row["breakers"] or []} for row in rows]
        except RECORDS_UNAVAILABLE:
            degraded = True
        own = [breaker.describe() for breaker in breakers.all()]
        return json_response({"circuit_breakers": own, "instances": known, "degraded": degraded})

    return router
