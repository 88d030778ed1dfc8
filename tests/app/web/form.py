"""The form of the users page, sent as by a browser."""

import re

import httpx

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ADA = {"name": "Ada", "email": "ada@example.com"}


async def token(client: httpx.AsyncClient) -> str:
    """Return the token of the form; the client keeps the cookie."""
    found = re.search(r'name="csrf" value="([^"]+)"', (await client.get("/")).text)
    assert found is not None
    return found[1]


async def post(client: httpx.AsyncClient, headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
    """Send the form with its token."""
    return await client.post("/user", data={"csrf": await token(client), **fields}, headers=headers)
