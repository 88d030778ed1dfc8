"""`/docs`: the OpenAPI document as a page. It loads nothing from other hosts and runs no script."""

from fastapi import APIRouter, Request, Response

from app.core.html.pages import Pages
from app.core.http.paths import ADMIN
from app.settings import Settings
from app.web.reference import Group, reference

DOCS_PAGE = "docs"


def api_docs_router(pages: Pages, settings: Settings) -> APIRouter:
    """Return the route."""
    router = APIRouter(include_in_schema=False)
    base_url = str(settings.api_base_url or "").rstrip("/")
    separate_admin = settings.admin_port is not None
    cached: list[list[Group]] = []

    def groups(request: Request) -> list[Group]:
        # With the first page, when every route has been added. They do not change afterwards.
        if not cached:
            cached.append(reference(request.app.openapi(), ADMIN if separate_admin else ()))
        return cached[0]

    @router.get("/docs")
    async def api_docs(request: Request) -> Response:
        return pages.render(
            "api_docs.html",
            here=DOCS_PAGE,
            # Else the host of the request, so that a command can be pasted. Shell and HTML quoting make it harmless.
            base_url=base_url or str(request.base_url).rstrip("/"),
            groups=groups(request),
            token_needed=settings.auth_jwks_url is not None,
        )

    return router
