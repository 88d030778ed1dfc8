"""`/health`, `/health/live`, `/health/ready`, `/health/serving`, `/health/startup`."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from app import __version__
from app.core.health.readiness import Check, Readiness, all_required_ok
from app.core.http.json_response import json_response
from app.core.lifecycle import Lifecycle
from app.core.resilience.breaker import Breakers


def health_router(
    readiness: Readiness, lifecycle: Lifecycle, environment: str, breakers: Breakers | None = None
) -> APIRouter:
    """Return the probes: 200 if the check passes, 503 if not, and the reasons in the body."""
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live")
    async def live() -> dict[str, str]:
        """Report that the event loop runs. Checks no dependency, because a restart does not repair one."""
        return {"status": "live"}

    @router.get("/ready", responses={503: {"description": "This process must not receive traffic."}})
    async def ready() -> Response:
        checks = await readiness.checks()
        return _response("ready", "not ready", checks)

    @router.get("/serving", responses={503: {"description": "This process must not receive traffic."}})
    async def serving() -> Response:
        """For load balancers and the readiness probe: the process has started, and is neither draining nor in a drill.

        An unavailable database does not fail this probe. All replicas share it, so all would be removed, and clients
        would get a refused connection instead of a cached response, or a 503 with `Retry-After`.
        """
        return _response("serving", "not serving", await readiness.serving())

    @router.get("/startup", responses={503: {"description": "Still starting."}})
    async def startup() -> Response:
        """Like ready, but it never fails after the first success."""
        checks = {} if readiness.started else await readiness.checks()
        return _response("started", "starting", checks)

    @router.get("", responses={503: {"description": "A required dependency is unavailable."}})
    async def health() -> Response:
        """Return all checks. `degraded` is a 200: an optional dependency is unavailable."""
        checks = await readiness.checks()
        whole = all(check.ok for check in checks.values())
        return _response(
            "healthy" if whole else "degraded",
            "unhealthy",
            checks,
            breakers=[breaker.describe() for breaker in breakers.all()] if breakers else [],
            version=__version__,
            environment=environment,
            uptime_seconds=round(lifecycle.uptime_seconds, 1),
        )

    return router


def _response(yes: str, no: str, checks: Mapping[str, Check], **more: Any) -> Response:
    ok = all_required_ok(checks)
    details = {
        name: {"ok": check.ok, "detail": check.detail, "required": check.required} for name, check in checks.items()
    }
    return json_response({"status": yes if ok else no, "checks": details, **more}, 200 if ok else 503)
