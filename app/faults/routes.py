"""`/faults`: fault injection for drills; `/readyz/disable` and `/readyz/enable` are named as in podinfo."""

import asyncio
import os
from collections.abc import Callable
from http import HTTPStatus
from secrets import compare_digest
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, HTTPException, Response
from fastapi.security import APIKeyHeader
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask

from app.core.http.access import own_guard
from app.core.http.json_response import json_response
from app.core.http.problems import problem_docs
from app.faults.faults import Faults
from app.settings import CurrentSettings, Settings

MAX_SECONDS = 600
PANIC_EXIT_CODE = 70  # EX_SOFTWARE of sysexits.h
_ANSWER_SECONDS = 0.1  # to send the response before the process ends

log = structlog.get_logger()


def _registered(status: int) -> int:
    if status not in set(HTTPStatus):
        raise ValueError("must be a registered HTTP status, such as 500 or 503")
    return status


_SET_DOCS = problem_docs(400, 413, 422)

Share = Annotated[float, Field(ge=0, le=1, description="Share of requests, selected at random.")]
Seconds = Annotated[float, Field(gt=0, le=MAX_SECONDS, description="Seconds after which the fault ends.")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ReadinessFault(_Body):
    """Whether the readiness probes pass."""

    ready: bool = Field(examples=[False])
    seconds: Seconds = MAX_SECONDS


class DelayFault(_Body):
    """A delay before requests are served."""

    milliseconds: int = Field(ge=0, le=10_000, examples=[300])
    share: Share = 1.0
    seconds: Seconds = 60


class StatusFault(_Body):
    """A status that is returned instead of serving the request."""

    status: Annotated[int, Field(ge=400, le=599, examples=[503]), AfterValidator(_registered)]
    share: Share = 1.0
    seconds: Seconds = 60


class ActiveDelay(BaseModel):
    """A delay that is injected now."""

    milliseconds: int
    share: float
    seconds_left: float


class ActiveStatus(BaseModel):
    """A status that is injected now."""

    status: int
    share: float
    seconds_left: float


class ActiveFaults(BaseModel):
    """All faults that are injected now."""

    ready: bool
    ready_again_in_seconds: float | None
    delay: ActiveDelay | None
    status: ActiveStatus | None


def faults_router(faults: Faults, settings: Settings, leave: Callable[[int], Any] = os._exit) -> APIRouter:
    """Return the routes; there are none without FAULT_TOKEN. `leave` ends the process."""
    if settings.fault_token is None:
        return APIRouter()
    guard = Depends(_guard(CurrentSettings(settings)))
    router = APIRouter(tags=["faults"], dependencies=[guard], responses=problem_docs(401, 403))

    def changed(what: str) -> Response:
        state = faults.describe()
        log.warning("faults changed", change=what, faults=state)
        return json_response(state)

    @router.get("/faults", response_model=ActiveFaults)
    async def read_faults() -> Response:
        return json_response(faults.describe())

    @router.put("/faults/readiness", response_model=ActiveFaults, responses=_SET_DOCS)
    @own_guard
    async def set_readiness(body: ReadinessFault) -> Response:
        faults.set_ready(body.ready, body.seconds)
        return changed("readiness")

    @router.put("/faults/delay", response_model=ActiveFaults, responses=_SET_DOCS)
    @own_guard
    async def set_delay(body: DelayFault) -> Response:
        faults.set_delay(body.milliseconds, body.share, body.seconds)
        return changed("delay")

    @router.put("/faults/status", response_model=ActiveFaults, responses=_SET_DOCS)
    @own_guard
    async def set_status(body: StatusFault) -> Response:
        faults.set_status(body.status, body.share, body.seconds)
        return changed("status")

    @router.delete("/faults", response_model=ActiveFaults)
    @own_guard
    async def clear_faults() -> Response:
        faults.clear()
        return changed("none")

    @router.post("/readyz/disable", response_model=ActiveFaults)
    @own_guard
    async def disable_readiness() -> Response:
        faults.set_ready(False, MAX_SECONDS)
        return changed("readiness")

    @router.post("/readyz/enable", response_model=ActiveFaults)
    @own_guard
    async def enable_readiness() -> Response:
        faults.set_ready(True, MAX_SECONDS)
        return changed("readiness")

    @router.post("/faults/panic", status_code=202)
    @own_guard
    async def panic() -> Response:
        """End the process after this response, as a crash would: nothing is drained."""

        async def crash() -> None:
            log.error("panic requested", exit_code=PANIC_EXIT_CODE)
            await asyncio.sleep(_ANSWER_SECONDS)
            leave(PANIC_EXIT_CODE)

        answer = json_response({"exit_code": PANIC_EXIT_CODE}, 202)
        answer.background = BackgroundTask(crash)
        return answer

    return router


def _guard(current: CurrentSettings) -> Callable[..., None]:
    header = APIKeyHeader(name="X-Fault-Token", auto_error=False, description="FAULT_TOKEN of this service.")

    def check(given: Annotated[str | None, Depends(header)]) -> None:
        if given is None:
            raise HTTPException(401, "send the header X-Fault-Token", {"WWW-Authenticate": 'FaultToken realm="faults"'})
        # Read for each request, so that an old token is refused as soon as it has been rotated.
        token = current().fault_token
        if token is None or not compare_digest(given.encode(), token.get_secret_value().encode()):
            raise HTTPException(403, "the token in X-Fault-Token is wrong")

    return check
