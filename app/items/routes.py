"""`/api/v1/items`."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

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
)
from app.resources.fields import Description, Id, Name
from app.resources.pages import ListParams, Page
from app.resources.resource import Resource
from app.resources.table import Table, TableSpec

ITEMS = TableSpec(name="items", columns=("name", "description"), unique={})
_WRITE = write_scope("items:write")


class ItemBody(BaseModel):
    """The fields of an item that clients write."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(examples=["anchor"])
    description: Description = Field("", examples=["cast iron, 40 kg"])


class Item(BaseModel):
    """An item as stored."""

    id: int = Field(examples=[1])
    name: str = Field(examples=["anchor"])
    description: str = Field(examples=["cast iron, 40 kg"])
    version: int = Field(examples=[1], description="Increases with every write; the ETag is this number in quotes.")
    created_at: datetime = Field(examples=["2026-01-31T12:00:00Z"])
    updated_at: datetime = Field(examples=["2026-01-31T12:00:00Z"])


def items_router(items: Table, base_url: str, stale: StaleResponses | None = None) -> APIRouter:
    """Return the routes. `base_url` begins the links; "" makes them paths. `stale` is shared with other resources."""
    router = APIRouter(prefix="/api/v1/items", tags=["items"], responses=problem_docs(422, 429, 503))
    resource = Resource(items, f"{base_url}/api/v1/items", "item", stale or StaleResponses())

    @router.post(
        "",
        status_code=201,
        response_model=Item,
        responses={**CREATED_DOCS, **problem_docs(400, 413)},
        openapi_extra=IDEMPOTENCY_KEY,
    )
    @_WRITE
    async def create_item(request: Request, body: ItemBody) -> Response:
        return await resource.create(request, body.model_dump())

    @router.get("", response_model=Page[Item], responses=LIST_DOCS)
    async def list_items(request: Request, params: Annotated[ListParams, Query()]) -> Response:
        return await resource.page(request, params)

    @router.get(
        "/{id}", response_model=Item, responses={**READ_DOCS, **problem_docs(404, 412)}, openapi_extra=IF_NONE_MATCH
    )
    async def read_item(request: Request, id: Id) -> Response:
        return await resource.read(request, id)

    @router.put(
        "/{id}",
        response_model=Item,
        responses={**REPLACED_DOCS, **problem_docs(400, 404, 412, 413)},
        openapi_extra=IF_MATCH,
    )
    @_WRITE
    async def replace_item(request: Request, id: Id, body: ItemBody) -> Response:
        return await resource.replace(request, id, body.model_dump())

    @router.delete("/{id}", status_code=204, responses=problem_docs(404, 412), openapi_extra=IF_MATCH)
    @_WRITE
    async def delete_item(request: Request, id: Id) -> Response:
        return await resource.delete(request, id)

    return router
