"""`/health`, `/health/live`, `/health/ready`, `/health/serving`, `/health/startup`."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from app import __version__
from app.lifecycle import Lifecycle
from app.readiness import Check, Readiness


def health_router(readiness: Readiness, lifecycle: Lifecycle, environment: str) -> APIRouter:
    """Return the probes: 200 is yes, 503 is no, and the body says why."""
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live")
    async def live() -> dict[str, str]:
        """The event loop turns. Looks at nothing else: a restart heals no database."""
        return {"status": "live"}

    @router.get("/ready", responses={503: {"description": "Send no traffic here."}})
    async def ready() -> JSONResponse:
        checks = await readiness.checks()
        return _answer("ready", "not ready", checks)

    @router.get("/serving", responses={503: {"description": "Send no traffic here."}})
    async def serving() -> JSONResponse:
        """What load balancers ask: has started, and does not drain.

        A database that is away takes nobody out. All replicas share it, so all of them would go at once, and clients
        would find a refused connection where they now get an answer from memory, or a 503 that says when to come back.
        """
        if lifecycle.draining:
            return _answer("serving", "draining", {"lifecycle": Check(ok=False, detail="draining")})
        return await startup()

    @router.get("/startup", responses={503: {"description": "Still starting."}})
    async def startup() -> JSONResponse:
        """As ready, but never fails again after the first success."""
        checks = {} if readiness.started else await readiness.checks()
        return _answer("started", "starting", checks)

    @router.get("", responses={503: {"description": "Something this service needs is missing."}})
    async def health() -> JSONResponse:
        checks = await readiness.checks()
        return _answer(
            "healthy",
            "unhealthy",
            checks,
            version=__version__,
            environment=environment,
            uptime_seconds=round(lifecycle.uptime_seconds, 1),
        )

    return router


def _answer(yes: str, no: str, checks: Mapping[str, Check], **more: Any) -> JSONResponse:
    ok = all(check.ok for check in checks.values())
    details = {name: {"ok": check.ok, "detail": check.detail} for name, check in checks.items()}
    return JSONResponse({"status": yes if ok else no, "checks": details, **more}, 200 if ok else 503)
