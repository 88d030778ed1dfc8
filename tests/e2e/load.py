"""A steady load on loopback, bounded in rate and time, that counts every answer."""

import asyncio
import threading
from collections import Counter
from types import TracebackType

import httpx

LONGEST_SECONDS = 240


class SteadyLoad:
    """GETs `url` at a fixed rate from its own thread for as long as the `with` block runs.

    Each request goes out at its time whether or not earlier ones were answered (an open model), so a stall shows as
    what it is. Connections are kept alive as a load balancer's clients keep them.
    """

    def __init__(self, url: str, *, per_second: int) -> None:
        self._url = url
        self._per_second = per_second
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self.statuses: Counter[int] = Counter()
        self.errors: list[str] = []

    def __enter__(self) -> "SteadyLoad":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def sent(self) -> int:
        """Requests that were answered or failed."""
        return self.statuses.total() + len(self.errors)

    async def _run(self) -> None:
        limits = httpx.Limits(max_connections=50, max_keepalive_connections=20)
        async with httpx.AsyncClient(limits=limits, timeout=10) as client, asyncio.TaskGroup() as requests:
            loop = asyncio.get_running_loop()
            began = loop.time()
            for number in range(LONGEST_SECONDS * self._per_second):
                if self._stop.is_set():
                    return
                await asyncio.sleep(max(0.0, began + number / self._per_second - loop.time()))
                requests.create_task(self._request(client))

    async def _request(self, client: httpx.AsyncClient) -> None:
        try:
            response = await client.get(self._url)
        except httpx.HTTPError as error:
            self.errors.append(f"{type(error).__name__}: {error}")
        else:
            self.statuses[response.status_code] += 1
