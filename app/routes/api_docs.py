"""`/docs`: the OpenAPI document as a page, made here: nothing is loaded from elsewhere, and no script runs."""

from fastapi import APIRouter, Request, Response

from app.admin import ADMIN
from app.settings import Settings
from app.web.reference import Group, reference
from app.web.render import render


def api_docs_router(settings: Settings) -> APIRouter:
    """Return the route."""
    router = APIRouter(include_in_schema=False)
    base_url = str(settings.api_base_url or "").rstrip("/")
    separate_admin = settings.admin_port is not None
    made: list[list[Group]] = []

    def groups(request: Request) -> list[Group]:
        # At the first page: only then are all routes there. They never change.
        if not made:
            made.append(reference(request.app.openapi(), ADMIN if separate_admin else ()))
        return made[0]

    @router.get("/docs")
    async def api_docs(request: Request) -> Response:
        return render(
            "api_docs.html",
            here="docs",
            separate_admin=separate_admin,
            # Else what the browser asked for, so that a command can be pasted; shell and HTML quoting make it harmless.
            base_url=base_url or str(request.base_url).rstrip("/"),
            groups=groups(request),
            token_needed=settings.auth_jwks_url is not None,
        )

    return router
