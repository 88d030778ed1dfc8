"""Request ids."""

import re

import httpx
import pytest


async def test_a_well_formed_id_is_kept(client: httpx.AsyncClient) -> None:
    """The id is in the header of the answer and in the body of a problem."""
    response = await client.get("/api/v1/items/7", headers={"X-Request-ID": "call-1.2_3"})

    assert response.headers["X-Request-ID"] == "call-1.2_3"
    assert response.json()["request_id"] == "call-1.2_3"


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 129, 'forged","level":"info', "a\n"])
async def test_any_other_id_is_replaced(client: httpx.AsyncClient, given: str | None) -> None:
    """The id is logged, so it must not be able to forge log lines."""
    headers = {} if given is None else {"X-Request-ID": given}

    response = await client.get("/health/live", headers=headers)

    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Request-ID"])


async def test_generated_ids_are_unique(client: httpx.AsyncClient) -> None:
    """Otherwise log lines of two requests could not be distinguished."""
    ids = {(await client.get("/health/live")).headers["X-Request-ID"] for _ in range(50)}

    assert len(ids) == 50
