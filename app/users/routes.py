"""`/api/v1/users`, and `/api/users`: the plain list and the creation that existing clients know."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.core.http.access import write_scope
from app.core.http.problems import problem_docs
from app.core.resilience.stale import StaleResponses
from app.resources.docs import (
    CREATED_DOCS,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    LIST_DOCS,
    READ_DOCS,
    REPLACED_DOCS,
    link_docs,
)
from app.resources.fields import Email, Id, Name, without_nul
from app.resources.pages import ListParams, Page, PageParams
from app.resources.resource import Resource
from app.resources.table import Table, TableSpec

USERS = TableSpec(name="users", columns=("name", "email"), unique={"users_email_key": "email"})
_WRITE = write_scope("users:write")


class UserBody(BaseModel):
    """The fields of a user that clients write."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(examples=["John Doe"])
    email: Email = Field(examples=["john@example.com"])


class User(BaseModel):
    """A user as stored."""

    id: int = Field(examples=[1])
    name: str = Field(examples=["John Doe"])
    email: str = Field(examples=["john@example.com"], description="Unique, compared without regard to case.")
    version: int = Field(examples=[1], description="Increases with every write; the ETag is this number in quotes.")
    created_at: datetime = Field(examples=["2026-01-31T12:00:00Z"])
    updated_at: datetime = Field(examples=["2026-01-31T12:00:00Z"])


class UserListParams(ListParams):
    """Query parameters of a list of users."""

    email: Annotated[str, StringConstraints(min_length=1, max_length=254), AfterValidator(without_nul)] | None = Field(
        None, description="Only the user with this address; case-insensitive.", examples=["john@example.com"]
    )


class PlainListParams(PageParams):
    """Query parameters of the plain list."""

    limit: int = Field(100, ge=1, le=200, description="Maximum number of entries.", examples=[100])


def users_router(users: Table, base_url: str, stale: StaleResponses | None = None) -> APIRouter:
    """Return the routes. `base_url` begins the links; "" makes them paths. `stale` is shared with other resources."""
    router = APIRouter(prefix="/api", tags=["users"], responses=problem_docs(422, 429, 503))
    resource = Resource(users, f"{base_url}/api/v1/users", "user", stale or StaleResponses())

    for path in ("/users", "/v1/users"):

        @router.post(
            path,
            status_code=201,
            response_model=User,
            responses={**CREATED_DOCS, **problem_docs(400, 409, 413)},
            openapi_extra=IDEMPOTENCY_KEY,
        )
        @_WRITE
        async def create_user(request: Request, body: UserBody) -> Response:
            return await resource.create(request, body.model_dump())

    @router.get("/users", response_model=list[User], responses=link_docs())
    async def list_plain(request: Request, params: Annotated[PlainListParams, Query()]) -> Response:
        return await resource.plain_list(request, params, f"{base_url}/api/users")

    @router.get("/v1/users", response_model=Page[User], responses=LIST_DOCS)
    async def list_users(request: Request, params: Annotated[UserListParams, Query()]) -> Response:
        return await resource.page(request, params)

    @router.get(
        "/v1/users/{id}",
        response_model=User,
        responses={**READ_DOCS, **problem_docs(404, 412)},
        openapi_extra=IF_NONE_MATCH,
    )
    async def read_user(request: Request, id: Id) -> Response:
        return await resource.read(request, id)

    @router.put(
        "/v1/users/{id}",
        response_model=User,
        responses={**REPLACED_DOCS, **problem_docs(400, 404, 409, 412, 413)},
        openapi_extra=IF_MATCH,
    )
    @_WRITE
    async def replace_user(request: Request, id: Id, body: UserBody) -> Response:
        return await resource.replace(request, id, body.model_dump())

    @router.delete("/v1/users/{id}", status_code=204, responses=problem_docs(404, 412), openapi_extra=IF_MATCH)
    @_WRITE
    async def delete_user(request: Request, id: Id) -> Response:
        return await resource.delete(request, id)

    return router
