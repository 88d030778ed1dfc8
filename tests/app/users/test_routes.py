"""The routes of users, `/api/users` and `/api/v1/users`, on a real database."""

from uuid import uuid4

import httpx
import pytest

JOHN = {"name": "John Doe", "email": "john@example.com"}


@pytest.mark.parametrize("path", ["/api/users", "/api/v1/users"])
async def test_a_user_is_created_and_listed_on_both_paths(client: httpx.AsyncClient, path: str) -> None:
    """The old path returns a plain list."""
    response = await client.post(path, json=JOHN)

    user = response.json()
    assert response.status_code == 201
    assert {**user, **JOHN} == user
    assert (await client.get("/api/users")).json() == [user]
    assert (await client.get("/api/v1/users")).json() == {"items": [user], "next_cursor": None}
    assert (await client.get(response.headers["Location"])).json() == user


async def test_addresses_are_unique_without_regard_to_case(client: httpx.AsyncClient) -> None:
    """The second user gets 409 with the field, and without the address."""
    await client.post("/api/users", json=JOHN)

    response = await client.post("/api/users", json={**JOHN, "email": "JOHN@example.com"})

    assert response.status_code == 409
    assert response.json()["errors"][0]["field"] == "body.email"
    assert "john@" not in response.text.lower()


async def test_a_replacement_may_keep_its_address_but_not_use_another_users(client: httpx.AsyncClient) -> None:
    """The latter gets 409."""
    john = (await client.post("/api/users", json=JOHN)).json()
    await client.post("/api/users", json={"name": "Ada", "email": "ada@example.com"})
    path = f"/api/v1/users/{john['id']}"

    renamed = await client.put(path, json={**JOHN, "name": "Johnny"})
    taken = await client.put(path, json={**JOHN, "email": "ada@example.com"})

    assert (renamed.status_code, renamed.json()["name"]) == (200, "Johnny")
    assert taken.status_code == 409


async def test_deletes_a_user_and_frees_the_address(client: httpx.AsyncClient) -> None:
    """A new user may have it."""
    john = (await client.post("/api/users", json=JOHN)).json()

    assert (await client.delete(f"/api/v1/users/{john['id']}")).status_code == 204
    assert (await client.get(f"/api/v1/users/{john['id']}")).status_code == 404
    assert (await client.post("/api/users", json=JOHN)).status_code == 201


async def test_the_plain_list_links_to_its_next_page(client: httpx.AsyncClient) -> None:
    """So the length of an answer is limited."""
    for number in range(3):
        await client.post("/api/users", json={"name": "x", "email": f"u{number}@example.com"})

    first = await client.get("/api/users?limit=2")
    rest = await client.get(first.links["next"]["url"])

    assert [user["email"] for user in first.json() + rest.json()] == [f"u{number}@example.com" for number in range(3)]
    assert "next" not in rest.links


@pytest.mark.parametrize(
    "email",
    [
        "",
        "john",
        "john@",
        "@example.com",
        "a@b@c.de",
        "j@localhost",
        f"{'x' * 250}@ab.de",
        "John Doe <john@example.com>",
        "<john@example.com>",
    ],
)
async def test_rejects_an_invalid_address(client: httpx.AsyncClient, email: str) -> None:
    """The problem names the field."""
    response = await client.post("/api/users", json={**JOHN, "email": email})

    assert response.status_code == 422
    assert {error["field"] for error in response.json()["errors"]} == {"body.email"}


async def test_rejects_an_address_with_a_name(client: httpx.AsyncClient) -> None:
    """On creation and on replacement. The message says how to write the address."""
    path = (await client.post("/api/users", json=JOHN)).headers["Location"]
    body = {**JOHN, "email": "John Doe <john@example.com>"}
    said = "must be only the address, such as john@example.com, without a name or brackets"
    for response in (await client.post("/api/v1/users", json=body), await client.put(path, json=body)):
        [fault] = response.json()["errors"]
        assert fault == {"field": "body.email", "message": f"Value error, {said}"}


async def test_users_are_found_by_address_and_name(client: httpx.AsyncClient) -> None:
    """The case of the address does not matter."""
    await client.post("/api/users", json={"name": "Ada", "email": "ada@example.com"})
    john = (await client.post("/api/users", json=JOHN)).json()

    for query in ("email=JOHN@example.com", "name=John Doe", "name_prefix=Jo", "sort=-created_at&limit=1"):
        assert (await client.get(f"/api/v1/users?{query}")).json()["items"] == [john], query


async def test_rejects_a_cursor_of_items(client: httpx.AsyncClient) -> None:
    """Its id is that of another table."""
    for name in ("anchor", "bell"):
        await client.post("/api/v1/items", json={"name": name})
    cursor = (await client.get("/api/v1/items?limit=1")).json()["next_cursor"]

    assert (await client.get(f"/api/v1/users?cursor={cursor}")).status_code == 422


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_write_requires_the_version_in_if_match(client: httpx.AsyncClient, method: str) -> None:
    """As for items."""
    path = (await client.post("/api/users", json=JOHN)).headers["Location"]
    body = {"json": JOHN} if method == "PUT" else {}

    assert (await client.request(method, path, headers={"If-Match": '"7"'}, **body)).status_code == 412
    assert (await client.request(method, path, headers={"If-Match": '"1"'}, **body)).is_success


async def test_both_paths_share_their_idempotency_keys(client: httpx.AsyncClient) -> None:
    """So a retry on the other path does not create a second user."""
    key = {"Idempotency-Key": uuid4().hex}

    first = await client.post("/api/users", json=JOHN, headers=key)
    second = await client.post("/api/v1/users", json=JOHN, headers=key)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert len((await client.get("/api/users")).json()) == 1


async def test_a_refused_creation_does_not_keep_its_idempotency_key(client: httpx.AsyncClient) -> None:
    """So the same request succeeds once the address is free."""
    john = (await client.post("/api/users", json=JOHN)).json()
    key = {"Idempotency-Key": uuid4().hex}

    assert (await client.post("/api/users", json=JOHN, headers=key)).status_code == 409
    await client.delete(f"/api/v1/users/{john['id']}")
    again = await client.post("/api/users", json=JOHN, headers=key)

    assert again.status_code == 201
    assert "Idempotency-Replayed" not in again.headers
