"""Mixed reads, writes and jobs at a steady rate on loopback, with a record of what was acknowledged.

A write carries an Idempotency-Key and is repeated with it until it is acknowledged, as a careful client does: after a
refusal with Retry-After, and after a broken connection, because then the client cannot know whether it was done.
"""

import asyncio
import json
import uuid
from collections import Counter
from http import HTTPStatus
from typing import Any

import aiohttp

from tests.e2e.load import Answer, OpenLoad

GIVE_UP_SECONDS = 60
MULTIPLE_CHOICES = HTTPStatus.MULTIPLE_CHOICES  # the first status that is no success
REFUSALS = {429, 503}
# Of a load balancer whose target does not answer: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/
# load-balancer-troubleshooting.html. The client cannot know whether the request was done.
NO_ANSWER = {502, 504}


class MixedTraffic(OpenLoad):
    """6 reads, 3 new items and 1 job in each 10 requests."""

    longest_seconds = 120
    max_connections = 200

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

    async def _request(self, client: aiohttp.ClientSession, number: int) -> None:
        turn = number % 10
        if turn < 6:
            await self._read(client, turn)
        else:
            await self._write(client, job=turn == 9)

    async def _read(self, client: aiohttp.ClientSession, turn: int) -> None:
        known = list(self.items.values())
        path = f"/api/v1/items/{known[-1 - turn]}" if turn < 4 and len(known) > turn else "/api/v1/items?limit=20"
        response = await self._send(client, "GET", path)
        if response is not None and response.headers.get("x-degraded"):
            self.degraded += 1

    async def _write(self, client: aiohttp.ClientSession, *, job: bool) -> None:
        name = f"{'job' if job else 'item'}-{uuid.uuid4().hex}"
        body: dict[str, Any] = {"name": name}
        path = "/api/v1/items"
        if job:
            path, body = "/api/v1/jobs", {"kind": "import-items", "payload": {"items": [{"name": name}]}}
        loop = asyncio.get_running_loop()
        deadline = loop.time() + GIVE_UP_SECONDS
        while loop.time() < deadline:
            response = await self._send(client, "POST", path, json=body, headers={"Idempotency-Key": name})
            if response is not None and response.status < MULTIPLE_CHOICES:
                (self.jobs if job else self.items)[name] = json.loads(response.body)["id"]
                return
            if response is not None and response.status not in REFUSALS:
                return
            await asyncio.sleep(float(response.headers.get("retry-after", 1)) if response is not None else 0.5)
        self.unfinished.append(name)

    async def _send(self, client: aiohttp.ClientSession, method: str, path: str, **what: Any) -> Answer | None:
        try:
            answer = await self._answer(client, method, path, **what)
        except (OSError, aiohttp.ClientError) as error:
            self.broken.append(f"{type(error).__name__}: {error}")
            return None
        text = answer.body.decode(errors="replace")
        if answer.status in NO_ANSWER:
            self.broken.append(f"{answer.status}: {text[:100]}")
            return None
        self.answers[answer.status] += 1
        refusal = answer.status in REFUSALS and answer.headers.get("retry-after", "").isdecimal()
        if answer.status >= MULTIPLE_CHOICES and not refusal:
            self.wrong.append(f"{method} {path}: {answer.status} {text[:300]}")
        return answer
