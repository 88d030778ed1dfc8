"""The routes that switch faults for drills, and their token."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from app.core.http.problems import add_problem_handlers
from app.faults.faults import Faults
from app.faults.routes import PANIC_EXIT_CODE, faults_router
from app.settings import Settings

TOKEN = "a token for drills"


class Exit:
    """Records the exit code of the process instead of ending it."""

    def __init__(self) -> None:
        self.code: int | None = None
        self.left = asyncio.Event()

    def __call__(self, code: int) -> None:
        self.code = code
        self.left.set()


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def leave() -> Exit:
    return Exit()


@pytest.fixture
async def operator(faults: Faults, leave: Exit) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the token."""
    async with client_of(faults, SecretStr(TOKEN), leave) as client:
        client.headers["X-Fault-Token"] = TOKEN
        yield client


def client_of(faults: Faults, token: SecretStr | None, leave: Exit) -> httpx.AsyncClient:
    app = FastAPI()
    settings = Settings(database_url="postgresql://db/app", fault_token=token, environment="test")
    app.include_router(faults_router(faults, settings, leave))
    add_problem_handlers(app)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service")


async def test_without_a_token_in_the_settings_the_routes_do_not_exist(faults: Faults, leave: Exit) -> None:
    """As in production."""
    async with client_of(faults, None, leave) as client:
        answers = [
            await client.get("/faults"),
            await client.post("/faults/panic"),
            await client.post("/readyz/disable"),
        ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


@pytest.mark.parametrize(("given", "status"), [(None, 401), ("", 401), ("wrong", 403), (TOKEN + "x", 403)])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/faults"), ("DELETE", "/faults"), ("POST", "/faults/panic"), ("POST", "/readyz/disable")],
)
async def test_the_routes_require_the_token(
    operator: httpx.AsyncClient, leave: Exit, faults: Faults, given: str | None, status: int, method: str, path: str
) -> None:
    """Without a token the status is 401, with a wrong one 403; nothing changes."""
    del operator.headers["X-Fault-Token"]
    response = await operator.request(method, path, headers={} if given is None else {"X-Fault-Token": given})

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert ("www-authenticate" in response.headers) == (status == 401)
    assert (leave.code, faults.any) == (None, False)


async def test_faults_are_set_shown_and_ended(operator: httpx.AsyncClient, faults: Faults) -> None:
    """A change is answered with all current faults."""
    delay = await operator.put("/faults/delay", json={"milliseconds": 300, "share": 0.5, "seconds": 30})
    status = await operator.put("/faults/status", json={"status": 503})
    ready = await operator.put("/faults/readiness", json={"ready": False})
    shown = (await operator.get("/faults")).json()

    assert [answer.status_code for answer in (delay, status, ready)] == [200, 200, 200]
    assert (shown["delay"]["milliseconds"], shown["delay"]["share"]) == (300, 0.5)
    assert 0 < shown["delay"]["seconds_left"] <= 30
    assert (shown["status"]["status"], shown["status"]["share"]) == (503, 1.0)
    assert (shown["ready"], faults.ready) == (False, False)
    assert (await operator.delete("/faults")).json()["ready"] is True
    assert not faults.any


async def test_the_paths_of_podinfo_switch_readiness(operator: httpx.AsyncClient, faults: Faults) -> None:
    """So scripts for podinfo work."""
    assert (await operator.post("/readyz/disable")).json()["ready"] is False
    assert not faults.ready
    assert (await operator.post("/readyz/enable")).json()["ready"] is True
    assert faults.ready


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/faults/delay", {"milliseconds": 10_001}, "10000"),
        ("/faults/delay", {"milliseconds": 1, "share": 1.1}, "1"),
        ("/faults/delay", {"milliseconds": 1, "seconds": 601}, "600"),
        ("/faults/status", {"status": 399}, "400"),
        ("/faults/status", {"status": 600}, "599"),
        ("/faults/status", {"status": 499}, "registered"),
        ("/faults/readiness", {"ready": False, "until": "tomorrow"}, "Extra"),
        ("/faults/readiness", {}, "required"),
        ("/faults/readiness", {"ready": 0}, "valid boolean"),
        ("/faults/delay", {"milliseconds": "5"}, "valid integer"),
        ("/faults/delay", {"milliseconds": 5, "share": "1"}, "valid number"),
    ],
)
async def test_rejects_values_out_of_range(
    operator: httpx.AsyncClient, faults: Faults, path: str, body: dict[str, object], said: str
) -> None:
    """The answer contains the limit or the reason."""
    response = await operator.put(path, json=body)

    assert response.status_code == 422
    assert said in response.text
    assert not faults.any


async def test_panic_ends_the_process_after_the_answer(operator: httpx.AsyncClient, leave: Exit) -> None:
    """The exit code is 70, which is neither success nor that of a signal."""
    response = await operator.post("/faults/panic")

    assert (response.status_code, response.json()) == (202, {"exit_code": PANIC_EXIT_CODE})
    async with asyncio.timeout(20):
        await leave.left.wait()
    assert leave.code == 70
