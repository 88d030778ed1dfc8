"""`/`: a page that lists users and creates one; `POST /user` is its form. It works without JavaScript."""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from app.core.html.pages import Pages
from app.core.http.access import write_scope
from app.core.http.problems import (
    RETRY_AFTER_SECONDS,
    ConflictError,
    FieldError,
    InvalidFieldError,
    problem,
    retry_after,
)
from app.core.postgres.outages import NOT_READY
from app.core.resilience.breaker import BreakerOpenError
from app.resources.cursors import MAX_CURSOR
from app.resources.listing import Listing
from app.resources.pages import PageParams, read_page
from app.resources.table import Table
from app.security.csrf import FIELD, CrossSiteError, Csrf
from app.settings import Settings
from app.web.forms import read_form, validated

USERS_PER_PAGE = 20
TEMPORARY = (*NOT_READY, BreakerOpenError)
"""Raised by reads and writes while the database is unavailable or not migrated yet."""

USERS_PAGE = "users"
LABELS = {"name": "name", "email": "address"}

log = structlog.get_logger()


def users_page_router(users: Table, user: type[BaseModel], pages: Pages, settings: Settings) -> APIRouter:
    """Return the routes. A client that does not accept HTML gets problems instead of pages.

    `user` is the model that validates the form.
    """
    router = APIRouter(include_in_schema=False)
    page = UsersPage(users, user, pages, settings)

    @router.get("/")
    async def list_users_page(request: Request) -> Response:
        return await page.show(request)

    @router.post("/user")
    @write_scope("users:write")
    async def create_user_form(request: Request) -> Response:
        return await page.create(request)

    return router


class LatestFirst(PageParams):
    """A page of a list for people, the latest entry first."""

    def listing(self) -> Listing:
        """Return what to read; the start is added later."""
        return Listing(limit=self.limit, sort="-id")


class UsersPage:
    """The page and its form."""

    def __init__(self, users: Table, user: type[BaseModel], pages: Pages, settings: Settings) -> None:
        self._users = users
        self._user = user
        self._pages = pages
        self._csrf = Csrf(str(settings.api_base_url or ""))
        self._token_needed = settings.auth_jwks_url is not None

    async def show(self, request: Request) -> Response:
        """Return a page of the list."""
        try:
            return await self._page(request)
        except InvalidFieldError:
            if not wants_html(request):
                raise
            return self._message(422, "No such page", "The link to this page of the list is not valid.")
        except TEMPORARY as error:
            return self._unavailable(request, error)

    async def create(self, request: Request) -> Response:
        """Create the user and redirect to the list, or show the form again with its errors."""
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
        user = validated(self._user, fields)
        try:
            if isinstance(user, dict):
                return await self._with_errors(request, 422, fields, user)
            row = await self._users.create(user.model_dump())
        except ConflictError as error:
            field = error.field.removeprefix("body.")
            return await self._with_errors(
                request, error.status, fields, {field: f"Another user already has this {LABELS[field]}."}
            )
        except TEMPORARY as error:
            return self._unavailable(request, error, fields)
        # The id and not a text, so that the page shows only stored values and nothing from the link.
        return RedirectResponse(f"/?created={row['id']}", 303)

    async def _with_errors(
        self, request: Request, status: int, fields: Mapping[str, str], faults: Mapping[str, str]
    ) -> Response:
        if not wants_html(request):
            errors = [FieldError(field=f"body.{name}", message=message) for name, message in faults.items()]
            return problem(status, "the form is not valid", errors)
        try:
            return await self._page(request, status, fields, faults)
        except TEMPORARY as error:
            return self._unavailable(request, error, fields)

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

    def _unavailable(self, request: Request, error: Exception, fields: Mapping[str, str] | None = None) -> Response:
        if not wants_html(request):
            raise error
        if not isinstance(error, BreakerOpenError):  # the breaker logs its changes
            log.warning("database unavailable", error=f"{type(error).__name__}: {error}".strip())
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
        context |= {"csrf": token, "values": values, "sent": sent, "token_needed": self._token_needed}
        response = self._pages.render("users.html", status, here=USERS_PAGE, headers=headers, **context)
        self._csrf.give(response, request, token)
        return response

    def _message(self, status: int, title: str, text: str) -> Response:
        return self._pages.render("message.html", status, here=USERS_PAGE, title=title, text=text)


def wants_html(request: Request) -> bool:
    """Return whether the client accepts HTML: browsers name text/html, API clients do not."""
    return "text/html" in request.headers.get("accept", "")
