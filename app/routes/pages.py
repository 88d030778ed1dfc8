"""`/`: a page that lists users and creates one; `POST /user` is its form. It works without JavaScript."""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from app.cursors import MAX_CURSOR
from app.pages import PageParams, read_page
from app.problems import (
    DATABASE_AWAY,
    RETRY_AFTER_SECONDS,
    ConflictError,
    FieldError,
    InvalidFieldError,
    problem,
    retry_after,
)
from app.reliability.breaker import BreakerOpenError
from app.security.csrf import FIELD, CrossSiteError, Csrf
from app.settings import Settings
from app.store.listing import Listing
from app.store.table import Table
from app.web.forms import read_form, user_of
from app.web.render import render

USERS_PER_PAGE = 20
AWAY = (*DATABASE_AWAY, BreakerOpenError)
"""What reading and writing raise that passes by itself."""

LABELS = {"name": "name", "email": "address"}

log = structlog.get_logger()


def pages_router(users: Table, settings: Settings) -> APIRouter:
    """Return the routes. A client that does not ask for HTML gets problems instead of pages."""
    router = APIRouter(include_in_schema=False)
    page = UserPage(users, settings)

    @router.get("/")
    async def list_users_page(request: Request) -> Response:
        return await page.show(request)

    @router.post("/user")
    async def create_user_form(request: Request) -> Response:
        return await page.create(request)

    return router


class LatestFirst(PageParams):
    """Which page of a list for people, who look for what they just did."""

    def listing(self) -> Listing:
        """Return what to read, without where to start."""
        return Listing(limit=self.limit, sort="-id")


class UserPage:
    """The page and its form."""

    def __init__(self, users: Table, settings: Settings) -> None:
        self._users = users
        self._csrf = Csrf(str(settings.api_base_url or ""))
        self._always: dict[str, Any] = {
            "here": "users",
            "separate_admin": settings.admin_port is not None,
            "token_needed": settings.auth_jwks_url is not None,
        }

    async def show(self, request: Request) -> Response:
        """Answer with a page of the list."""
        try:
            return await self._page(request)
        except InvalidFieldError:
            if not wants_html(request):
                raise
            return self._message(422, "No such page", "The link to this part of the list is not whole.")
        except AWAY as error:
            return self._away(request, error)

    async def create(self, request: Request) -> Response:
        """Create the user and lead back to the list, or show the form again with what was wrong."""
        fields = await read_form(request)
        try:
            self._csrf.check(request, fields.get(FIELD, ""))
        except CrossSiteError as error:
            if not wants_html(request):
                raise HTTPException(403, str(error)) from None
            return self._message(
                403,
                "Not accepted",
                "The form is no longer valid, or did not come from this page. Please open it again.",
            )
        user = user_of(fields)
        try:
            if isinstance(user, dict):
                return await self._faulty(request, 422, fields, user)
            row = await self._users.create(user.model_dump())
        except ConflictError as error:
            field = error.field.removeprefix("body.")
            return await self._faulty(
                request, error.status, fields, {field: f"Another user has this {LABELS[field]} already."}
            )
        except AWAY as error:
            return self._away(request, error, fields)
        # The id, not a text: whatever a link holds, the page only ever says what is stored.
        return RedirectResponse(f"/?created={row['id']}", 303)

    async def _faulty(
        self, request: Request, status: int, fields: Mapping[str, str], faults: Mapping[str, str]
    ) -> Response:
        if not wants_html(request):
            errors = [FieldError(field=f"body.{name}", message=message) for name, message in faults.items()]
            return problem(status, "the form does not have the accepted values", errors)
        try:
            return await self._page(request, status, fields, faults)
        except AWAY as error:
            return self._away(request, error, fields)

    async def _page(
        self, request: Request, status: int = 200, fields: Mapping[str, str] | None = None, faults: Any = None
    ) -> Response:
        cursor = request.query_params.get("cursor", "")[:MAX_CURSOR]
        page = await read_page(self._users, LatestFirst(limit=USERS_PER_PAGE, cursor=cursor or None))
        created = request.query_params.get("created")
        return self._render(
            request,
            status,
            fields,
            users=page["items"],
            next_cursor=page["next_cursor"],
            later=bool(cursor),
            created=next((row for row in page["items"] if str(row["id"]) == created), None),
            faults=faults or {},
        )

    def _away(self, request: Request, error: Exception, fields: Mapping[str, str] | None = None) -> Response:
        if not wants_html(request):
            raise error
        if not isinstance(error, BreakerOpenError):  # the breaker logs its changes
            log.warning("database away", error=f"{type(error).__name__}: {error}".strip())
        wait = retry_after(error.retry_after_seconds if isinstance(error, BreakerOpenError) else RETRY_AFTER_SECONDS)
        nothing: dict[str, Any] = {"users": None, "next_cursor": None, "later": False, "created": None, "faults": {}}
        return self._render(request, 503, fields, headers=wait, **nothing)

    def _render(
        self,
        request: Request,
        status: int,
        fields: Mapping[str, str] | None,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> Response:
        token = self._csrf.token(request)
        sent = fields is not None
        values = {name: (fields or {}).get(name, "") for name in ("name", "email")}
        context |= self._always | {"csrf": token, "values": values, "sent": sent}
        response = render("users.html", status, headers=headers, **context)
        self._csrf.give(response, request, token)
        return response

    def _message(self, status: int, title: str, text: str) -> Response:
        return render("message.html", status, title=title, text=text, **self._always)


def wants_html(request: Request) -> bool:
    """Return whether a person asks: browsers name text/html, API clients do not."""
    return "text/html" in request.headers.get("accept", "")
