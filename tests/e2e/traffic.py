"""Mixed reads, writes and jobs at a steady rate on loopback, with a record of what was acknowledged.

A write carries an Idempotency-Key and is repeated with it until it is acknowledged, as a careful client does: after a
refusal with Retry-After, and after a broken connection, because then the client cannot know whether it was done.
"""

import asyncio
import uuid
from collections import Counter
from typing import Any

import httpx

from tests.e2e.load import OpenLoad

GIVE_UP_SECONDS = 60
REFUSALS = {429, 503}
# Of a load balancer whose target does not answer: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/
# load-balancer-troubleshooting.html. The client cannot know whether the request was done.
NO_ANSWER = {502, 504}


class MixedTraffic(OpenLoad):
    """6 reads, 3 new items and 1 job in each 10 requests."""

    longest_seconds = 120
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=50)

    def __init__(self, url: str, *, per_second: int = 50) -> None:
        super().__init__(url, per_second=per_second)
        self.answers: Counter[int] = Counter()
        """Status -> number of answers, including those to repeated requests."""
        self.wrong: list[str] = []
        """Answers that are neither a success nor a refusal with Retry-After."""
        self.broken: list[str] = []
        """Requests without an answer of the service: the client's or the load balancer's connection broke."""
        self.degraded = 0
        """Reads that were answered from the cache, with the header that says so."""
        self.items: dict[str, int] = {}
        """Name -> id of every acknowledged item."""
        self.jobs: dict[str, str] = {}
        """Name of the one item that a job creates -> id of every acknowledged job."""
        self.unfinished: list[str] = []
        """Writes that were never acknowledged."""

    async def _request(self, client: httpx.AsyncClient, number: int) -> None:
        turn = number % 10
        if turn < 6:
            await self._read(client, turn)
        else:
            await self._write(client, job=turn == 9)

    async def _read(self, client: httpx.AsyncClient, turn: int) -> None:
        known = list(self.items.values())
        path = f"/api/v1/items/{known[-1 - turn]}" if turn < 4 and len(known) > turn else "/api/v1/items?limit=20"
        response = await self._send(client, "GET", path)
        if response is not None and response.headers.get("x-degraded"):
            self.degraded += 1

    async def _write(self, client: httpx.AsyncClient, *, job: bool) -> None:
        name = f"{'job' if job else 'item'}-{uuid.uuid4().hex}"
        body: dict[str, Any] = {"name": name}
        path = "/api/v1/items"
        if job:
            path, body = "/api/v1/jobs", {"kind": "import-items", "payload": {"items": [{"name": name}]}}
        loop = asyncio.get_running_loop()
        deadline = loop.time() + GIVE_UP_SECONDS
        while loop.time() < deadline:
            response = await self._send(client, "POST", path, json=body, headers={"Idempotency-Key": name})
            if response is not None and response.is_success:
                (self.jobs if job else self.items)[name] = response.json()["id"]
                return
            if response is not None and response.status_code not in REFUSALS:
                return
            await asyncio.sleep(float(response.headers.get("retry-after", 1)) if response is not None else 0.2)
        self.unfinished.append(name)

    async def _send(self, client: httpx.AsyncClient, method: str, path: str, **what: Any) -> httpx.Response | None:
        try:
            response = await client.request(method, self._url + path, **what)
        except httpx.HTTPError as error:
            self.broken.append(f"{type(error).__name__}: {error}")
            return None
        if response.status_code in NO_ANSWER:
            self.broken.append(f"{response.status_code}: {response.text[:100]}")
            return None
        self.answers[response.status_code] += 1
        refusal = response.status_code in REFUSALS and response.headers.get("retry-after", "").isdecimal()
        if not response.is_success and not refusal:
            self.wrong.append(f"{method} {path}: {response.status_code} {response.text[:300]}")
        return response
