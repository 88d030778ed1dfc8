"""`/api/v1/users`, and `/api/users`: the plain list and the creation that existing clients know."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints

from app.fields import Id, Name
from app.pages import Cursor, Limit, Page, read_page
from app.problems import found, problem_docs
from app.store.table import Table


class UserBody(BaseModel):
    """What a client says of a user."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(examples=["John Doe"])
    email: Annotated[EmailStr, StringConstraints(max_length=254)] = Field(examples=["john@example.com"])


class User(BaseModel):
    """A user as stored."""

    id: int = Field(examples=[1])
    name: str = Field(examples=["John Doe"])
    email: str = Field(examples=["john@example.com"], description="Unique, whatever the case of its letters.")
    created_at: datetime
    updated_at: datetime


def users_router(users: Table, base_url: str) -> APIRouter:
    """Return the routes; `base_url` leads the links, "" makes them paths."""
    router = APIRouter(prefix="/api", tags=["users"], responses=problem_docs(422, 503))

    @router.post("/users", status_code=201, response_model=User, responses=problem_docs(409))
    @router.post("/v1/users", status_code=201, response_model=User, responses=problem_docs(409))
    async def create_user(body: UserBody, response: Response) -> Any:
        row = await users.create(body.model_dump())
        response.headers["Location"] = f"{base_url}/api/v1/users/{row['id']}"
        return row

    @router.get("/users", response_model=list[User])
    async def list_plain(response: Response, limit: Limit = 100, cursor: Cursor = None) -> Any:
        page = await read_page(users, cursor, limit)
        if page["next_cursor"]:
            target = f"{base_url}/api/users?limit={limit}&cursor={page['next_cursor']}"
            response.headers["Link"] = f'<{target}>; rel="next"'
        return page["items"]

    @router.get("/v1/users", response_model=Page[User])
    async def list_users(limit: Limit = 50, cursor: Cursor = None) -> Any:
        return await read_page(users, cursor, limit)

    @router.get("/v1/users/{id}", response_model=User, responses=problem_docs(404))
    async def read_user(id: Id) -> Any:
        return found(await users.read(id), "user", id)

    @router.put("/v1/users/{id}", response_model=User, responses=problem_docs(404, 409))
    async def replace_user(id: Id, body: UserBody) -> Any:
        return found(await users.update(id, body.model_dump()), "user", id)

    @router.delete("/v1/users/{id}", status_code=204, responses=problem_docs(404))
    async def delete_user(id: Id) -> None:
        found(await users.delete(id), "user", id)

    return router
