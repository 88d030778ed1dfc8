"""Steady loads on loopback, bounded in rate and time."""

import asyncio
import threading
from collections import Counter
from types import TracebackType
from typing import Self

import httpx


class OpenLoad:
    """Sends requests at a fixed rate from its own thread for as long as the `with` block runs.

    Each goes out at its time whether or not earlier ones were answered (an open model), so a stall shows as what it is.
    Connections are kept alive as a load balancer's clients keep them.
    """

    longest_seconds = 240
    timeout_seconds = 10
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=20)

    def __init__(self, url: str, *, per_second: int) -> None:
        self._url = url
        self._per_second = per_second
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    async def _run(self) -> None:
        clients = httpx.AsyncClient(limits=self.limits, timeout=self.timeout_seconds)
        async with clients as client, asyncio.TaskGroup() as requests:
            loop = asyncio.get_running_loop()
            began = loop.time()
            for number in range(self.longest_seconds * self._per_second):
                if self._stop.is_set():
                    return
                await asyncio.sleep(max(0.0, began + number / self._per_second - loop.time()))
                requests.create_task(self._request(client, number))

    async def _request(self, client: httpx.AsyncClient, number: int) -> None:
        raise NotImplementedError


class SteadyLoad(OpenLoad):
    """GETs `url` and counts every answer."""

    def __init__(self, url: str, *, per_second: int) -> None:
        super().__init__(url, per_second=per_second)
        self.statuses: Counter[int] = Counter()
        self.errors: list[str] = []

    @property
    def sent(self) -> int:
        """Requests that were answered or failed."""
        return self.statuses.total() + len(self.errors)

    async def _request(self, client: httpx.AsyncClient, number: int) -> None:
        try:
            response = await client.get(self._url)
        except httpx.HTTPError as error:
            self.errors.append(f"{type(error).__name__}: {error}")
        else:
            self.statuses[response.status_code] += 1
