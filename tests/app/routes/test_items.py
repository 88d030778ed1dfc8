"""`/api/v1/items`, on a real database."""

import httpx
import pytest


async def make(client: httpx.AsyncClient, name: str) -> int:
    response = await client.post("/api/v1/items", json={"name": name})
    assert response.status_code == 201, response.text
    return int(response.json()["id"])


async def test_an_item_is_created_and_read_back(client: httpx.AsyncClient) -> None:
    """The answer says where it is, and it is there."""
    response = await client.post("/api/v1/items", json={"name": " anchor ", "description": "40 kg"})

    assert response.status_code == 201
    item = response.json()
    assert (item["name"], item["description"]) == ("anchor", "40 kg")
    assert response.headers["Location"] == f"/api/v1/items/{item['id']}"
    assert (await client.get(response.headers["Location"])).json() == item


async def test_an_item_is_replaced(client: httpx.AsyncClient) -> None:
    """What is left out gets its default; the time of creation stays."""
    created = (await client.post("/api/v1/items", json={"name": "anchor", "description": "40 kg"})).json()

    response = await client.put(f"/api/v1/items/{created['id']}", json={"name": "bell"})

    replaced = response.json()
    assert (response.status_code, replaced["name"], replaced["description"]) == (200, "bell", "")
    assert replaced["created_at"] == created["created_at"]
    assert replaced["updated_at"] > created["updated_at"]


async def test_a_deleted_item_is_gone(client: httpx.AsyncClient) -> None:
    """Deleting it again finds nothing."""
    id = await make(client, "anchor")

    assert (await client.delete(f"/api/v1/items/{id}")).status_code == 204
    assert (await client.get(f"/api/v1/items/{id}")).status_code == 404
    assert (await client.delete(f"/api/v1/items/{id}")).status_code == 404


async def test_pages_hold_every_item_once(client: httpx.AsyncClient) -> None:
    """Also when earlier ones are deleted and later ones are made in between."""
    ids = [await make(client, f"item {number}") for number in range(5)]

    first = (await client.get("/api/v1/items", params={"limit": 2})).json()
    await client.delete(f"/api/v1/items/{ids[0]}")
    ids.append(await make(client, "late"))
    seen, cursor = [item["id"] for item in first["items"]], first["next_cursor"]
    while cursor:
        page = (await client.get("/api/v1/items", params={"limit": 2, "cursor": cursor})).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]

    assert seen == ids


async def test_an_exactly_full_page_is_the_last(client: httpx.AsyncClient) -> None:
    """No client is sent to an empty page."""
    await make(client, "anchor")

    assert (await client.get("/api/v1/items", params={"limit": 1})).json()["next_cursor"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.name"),
        ({"name": "  "}, "body.name"),
        ({"name": "x" * 201}, "body.name"),
        ({"name": 7}, "body.name"),
        ({"name": "a\u0000b"}, "body.name"),
        ({"name": "x", "description": "x" * 2001}, "body.description"),
        ({"name": "x", "colour": "red"}, "body.colour"),
        ([], "body"),
    ],
)
async def test_rejects_a_body_by_field(client: httpx.AsyncClient, body: object, field: str) -> None:
    """The problem names the field."""
    response = await client.post("/api/v1/items", json=body)

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in response.json()["errors"]] == [field]


@pytest.mark.parametrize(
    "content", [b"{", b'"\xff"', b'{"name": "\\ud800"}', b"[" * 5000, b'{"name": 1' + b"0" * 5000 + b"}"]
)
async def test_rejects_what_is_no_json_text(client: httpx.AsyncClient, content: bytes) -> None:
    """Broken, not UTF-8, half a surrogate pair, too deep, too long a number: always the client's fault."""
    response = await client.post("/api/v1/items", content=content, headers={"content-type": "application/json"})

    assert response.status_code in {400, 422}
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/0", "/-1", "/x", f"/{2**63}", "?limit=0", "?limit=201", "?cursor=x", "?cursor="])
async def test_rejects_ids_limits_and_cursors_out_of_range(client: httpx.AsyncClient, path: str) -> None:
    """PostgreSQL is not even asked."""
    response = await client.get(f"/api/v1/items{path}")

    assert response.status_code == 422
    assert len(response.json()["errors"]) == 1


async def test_rejects_a_method_that_is_not_there(client: httpx.AsyncClient) -> None:
    """The answer is a problem and says what is allowed."""
    response = await client.patch("/api/v1/items/1", json={})

    assert response.status_code == 405
    assert response.headers["content-type"] == "application/problem+json"
    assert "allow" in response.headers
