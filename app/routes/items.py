"""`/api/v1/items`."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from app.fields import Description, Id, Name
from app.pages import Cursor, Limit, Page, read_page
from app.problems import found, problem_docs
from app.store.table import Table


class ItemBody(BaseModel):
    """What a client says of an item."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(examples=["anchor"])
    description: Description = Field("", examples=["cast iron, 40 kg"])


class Item(BaseModel):
    """An item as stored."""

    id: int = Field(examples=[1])
    name: str = Field(examples=["anchor"])
    description: str = Field(examples=["cast iron, 40 kg"])
    created_at: datetime
    updated_at: datetime


def items_router(items: Table, base_url: str) -> APIRouter:
    """Return the routes; `base_url` leads the links, "" makes them paths."""
    router = APIRouter(prefix="/api/v1/items", tags=["items"], responses=problem_docs(422, 503))

    @router.post("", status_code=201, response_model=Item)
    async def create_item(body: ItemBody, response: Response) -> Any:
        row = await items.create(body.model_dump())
        response.headers["Location"] = f"{base_url}/api/v1/items/{row['id']}"
        return row

    @router.get("", response_model=Page[Item])
    async def list_items(limit: Limit = 50, cursor: Cursor = None) -> Any:
        return await read_page(items, cursor, limit)

    @router.get("/{id}", response_model=Item, responses=problem_docs(404))
    async def read_item(id: Id) -> Any:
        return found(await items.read(id), "item", id)

    @router.put("/{id}", response_model=Item, responses=problem_docs(404))
    async def replace_item(id: Id, body: ItemBody) -> Any:
        return found(await items.update(id, body.model_dump()), "item", id)

    @router.delete("/{id}", status_code=204, responses=problem_docs(404))
    async def delete_item(id: Id) -> None:
        found(await items.delete(id), "item", id)

    return router
