"""The routes of items, `/api/v1/items`, on a real database."""

import asyncio
from typing import Any

import httpx
import pytest


async def make(client: httpx.AsyncClient, name: str) -> int:
    response = await client.post("/api/v1/items", json={"name": name})
    assert response.status_code == 201, response.text
    return int(response.json()["id"])


async def test_creates_an_item(client: httpx.AsyncClient) -> None:
    """A GET of its Location returns the same item."""
    response = await client.post("/api/v1/items", json={"name": " anchor ", "description": "40 kg"})

    assert response.status_code == 201
    item = response.json()
    assert (item["name"], item["description"]) == ("anchor", "40 kg")
    assert response.headers["Location"] == f"/api/v1/items/{item['id']}"
    assert (await client.get(response.headers["Location"])).json() == item


async def test_replaces_an_item(client: httpx.AsyncClient) -> None:
    """Omitted fields get their defaults; the time of creation stays."""
    created = (await client.post("/api/v1/items", json={"name": "anchor", "description": "40 kg"})).json()

    response = await client.put(f"/api/v1/items/{created['id']}", json={"name": "bell"})

    replaced = response.json()
    assert (response.status_code, replaced["name"], replaced["description"]) == (200, "bell", "")
    assert replaced["created_at"] == created["created_at"]
    assert replaced["updated_at"] > created["updated_at"]


async def test_deletes_an_item(client: httpx.AsyncClient) -> None:
    """Afterwards GET and DELETE get 404."""
    id = await make(client, "anchor")

    assert (await client.delete(f"/api/v1/items/{id}")).status_code == 204
    assert (await client.get(f"/api/v1/items/{id}")).status_code == 404
    assert (await client.delete(f"/api/v1/items/{id}")).status_code == 404


async def test_pages_contain_every_item_once(client: httpx.AsyncClient) -> None:
    """Also if items are deleted and created between the pages."""
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


async def test_a_full_last_page_has_no_next_cursor(client: httpx.AsyncClient) -> None:
    """So there is no empty page."""
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
async def test_rejects_an_invalid_field(client: httpx.AsyncClient, body: object, field: str) -> None:
    """The problem names the field."""
    response = await client.post("/api/v1/items", json=body)

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in response.json()["errors"]] == [field]


@pytest.mark.parametrize("content", [b'{"name": ' + b"9" * 5_000 + b"}", b"[" * 50_000, b'{"name": "\xff"}'])
async def test_rejects_a_body_that_is_not_json(client: httpx.AsyncClient, content: bytes) -> None:
    """The message says that UTF-8 JSON is expected."""
    response = await client.post("/api/v1/items", content=content, headers={"Content-Type": "application/json"})

    assert response.status_code == 400
    assert "send JSON in UTF-8" in response.json()["detail"]


@pytest.mark.parametrize(
    "content", [b"{", b'"\xff"', b'{"name": "\\ud800"}', b"[" * 5000, b'{"name": 1' + b"0" * 5000 + b"}"]
)
async def test_malformed_json_is_an_error_of_the_client(client: httpx.AsyncClient, content: bytes) -> None:
    """Incomplete, not UTF-8, a lone surrogate, too deeply nested, or with a number that is too long."""
    response = await client.post("/api/v1/items", content=content, headers={"content-type": "application/json"})

    assert response.status_code in {400, 422}
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/0",
        "/-1",
        "/x",
        f"/{2**63}",
        "?limit=0",
        "?limit=201",
        "?cursor=x",
        "?cursor=",
        "?sort=colour",
        "?name=",
        "?name_prefix=%00",
        "?created_after=yesterday",
        "?created_before=2026-01-31",
        "?nam=anchor",
    ],
)
async def test_rejects_ids_and_parameters_out_of_range(client: httpx.AsyncClient, path: str) -> None:
    """Each gets 422 with one error."""
    response = await client.get(f"/api/v1/items{path}")

    assert response.status_code == 422
    assert len(response.json()["errors"]) == 1


async def test_rejects_a_method_that_the_path_does_not_have(client: httpx.AsyncClient) -> None:
    """The answer is a problem and lists the methods of all routes of the path."""
    one = await client.patch("/api/v1/items/1", json={})
    all = await client.delete("/api/v1/items")

    assert (one.status_code, all.status_code) == (405, 405)
    assert one.headers["content-type"] == "application/problem+json"
    assert one.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PUT"
    assert all.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert all.json()["detail"] == "this path allows GET, HEAD, OPTIONS, POST"


async def test_an_unknown_path_gets_a_problem(client: httpx.AsyncClient) -> None:
    """It refers to the OpenAPI document."""
    response = await client.get("/api/v2/items")

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert "/openapi.json" in response.json()["detail"]


async def make_some(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    names = ["bell", "anchor", "rope", "anchor", "Anvil", "an%", "cable"]
    return [(await client.post("/api/v1/items", json={"name": name})).json() for name in names]


async def walk(client: httpx.AsyncClient, **params: str) -> list[dict[str, Any]]:
    """Return all entries of a list, with two entries per page."""
    entries, cursor = [], None
    while True:
        more = {"cursor": cursor} if cursor else {}
        response = await client.get("/api/v1/items", params={"limit": "2", **params, **more})
        assert response.status_code == 200, response.text
        entries += response.json()["items"]
        cursor = response.json()["next_cursor"]
        if cursor is None:
            return entries


@pytest.mark.parametrize("column", ["id", "name", "created_at"])
async def test_sorts_over_pages_in_both_directions(client: httpx.AsyncClient, column: str) -> None:
    """Entries with the same name are in the order of their ids; the collation of the database orders names."""
    made = await make_some(client)

    upwards = await walk(client, sort=column)
    downwards = await walk(client, sort=f"-{column}")

    assert sorted(item["id"] for item in upwards) == [item["id"] for item in made]
    assert downwards == upwards[::-1]
    if column != "name":
        assert upwards == made
    anchors = [item["id"] for item in upwards if item["name"] == "anchor"]
    assert anchors == sorted(anchors)


async def test_filters_can_be_combined_and_apply_to_all_pages(client: httpx.AsyncClient) -> None:
    """By name, prefix of the name, and time; a percent sign in a prefix is not a wildcard."""
    made = await make_some(client)
    middle = made[3]["created_at"]

    assert [item["id"] for item in await walk(client, name="anchor")] == [made[1]["id"], made[3]["id"]]
    assert [item["name"] for item in await walk(client, name_prefix="an")] == ["anchor", "anchor", "an%"]
    assert [item["name"] for item in await walk(client, name_prefix="an%")] == ["an%"]
    assert await walk(client, created_after=middle) == made[4:]
    assert await walk(client, created_before=middle, sort="-id") == made[2::-1]
    assert await walk(client, created_after=middle, name_prefix="an") == [made[5]]


async def test_rejects_a_cursor_of_another_sort_order(client: httpx.AsyncClient) -> None:
    """It would skip entries silently."""
    await make_some(client)
    cursor = (await client.get("/api/v1/items", params={"limit": 1, "sort": "name"})).json()["next_cursor"]

    response = await client.get("/api/v1/items", params={"cursor": cursor, "sort": "-name"})

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "query.cursor"
    assert "sort=-name" in response.json()["errors"][0]["message"]


async def test_every_write_changes_the_etag(client: httpx.AsyncClient) -> None:
    """The ETag is the version in the body."""
    created = await client.post("/api/v1/items", json={"name": "anchor"})
    path = created.headers["Location"]
    read = await client.get(path)
    replaced = await client.put(path, json={"name": "anchor"})

    assert [response.headers["ETag"] for response in (created, read, replaced)] == ['"1"', '"1"', '"2"']
    assert [response.json()["version"] for response in (created, read, replaced)] == [1, 1, 2]


async def test_a_matching_etag_gets_304_without_a_body(client: httpx.AsyncClient) -> None:
    """After a write the new version is returned."""
    path = (await client.post("/api/v1/items", json={"name": "anchor"})).headers["Location"]

    same = await client.get(path, headers={"If-None-Match": '"1"'})
    await client.put(path, json={"name": "bell"})
    newer = await client.get(path, headers={"If-None-Match": '"1"'})

    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", '"1"')
    assert (newer.status_code, newer.json()["name"]) == (200, "bell")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_write_on_a_stale_version_changes_nothing(client: httpx.AsyncClient, method: str) -> None:
    """The 412 contains the current ETag, with which the write succeeds. A missing entry gets 404."""
    path = (await client.post("/api/v1/items", json={"name": "anchor"})).headers["Location"]
    await client.put(path, json={"name": "bell"}, headers={"If-Match": '"1"'})

    async def write(path: str, tag: str) -> httpx.Response:
        body = {"json": {"name": "cable"}} if method == "PUT" else {}
        return await client.request(method, path, headers={"If-Match": tag}, **body)

    stale = await write(path, '"1"')
    assert (stale.status_code, stale.json()["errors"][0]["field"]) == (412, "header.if-match")
    assert '"2"' in stale.json()["errors"][0]["message"]
    assert (await client.get(path)).json()["name"] == "bell"
    assert (await write("/api/v1/items/999", '"1"')).status_code == 404
    assert (await write(path, '"1", "2"')).is_success


async def test_only_one_of_concurrent_writes_of_a_version_succeeds(client: httpx.AsyncClient) -> None:
    """The others get 412, so no update is lost silently."""
    path = (await client.post("/api/v1/items", json={"name": "anchor"})).headers["Location"]

    responses = await asyncio.gather(
        *(client.put(path, json={"name": f"by {n}"}, headers={"If-Match": '"1"'}) for n in range(5))
    )

    assert sorted(response.status_code for response in responses) == [200, 412, 412, 412, 412]
    assert (await client.get(path)).json()["version"] == 2
