"""Steady loads on loopback, bounded in rate and time."""

import asyncio
import ssl
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp


@dataclass(frozen=True, kw_only=True)
class Https:
    """The HTTPS listener of a local load balancer, reached by IP address: Python may not resolve its name."""

    port: int
    name: str
    """Name in its certificate."""
    authority: str
    """File of the CA certificate that signs it."""

    @property
    def address(self) -> str:
        """The URL without a path."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def context(self) -> ssl.SSLContext:
        """TLS context that trusts the local certificate authority only."""
        return ssl.create_default_context(cafile=self.authority)

    @property
    def headers(self) -> dict[str, str]:
        """Headers of each request."""
        return {"Host": f"{self.name}:{self.port}"}

    @property
    def extensions(self) -> dict[str, str]:
        """Extensions of each request of httpx, so that the name in the certificate is verified."""
        return {"sni_hostname": self.name}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The whole answer to a request."""

    status: int
    headers: Mapping[str, str]
    """By name; case does not matter."""
    body: bytes


class OpenLoad:
    """Sends requests at a fixed rate from its own thread for as long as the `with` block runs.

    Each is sent at its scheduled time, whether or not earlier ones were answered (open workload model), so that a stall
    does not reduce the load. Connections are kept alive, as clients of a load balancer do.
    """

    longest_seconds = 240
    timeout_seconds = 30  # a slow answer is not a lost request; a load balancer waits for 60 s
    max_connections = 50

    def __init__(self, url: str | Https, *, per_second: int) -> None:
        self._url = url if isinstance(url, str) else url.address
        self._tls: dict[str, Any] = (
            {} if isinstance(url, str) else {"headers": url.headers, "server_hostname": url.name, "ssl": url.context}
        )
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
        # aiohttp, because httpx takes 5 ms of CPU for a request, which is a quarter of a core at 50 requests/s.
        connector = aiohttp.TCPConnector(limit=self.max_connections, keepalive_timeout=5)
        timeout = aiohttp.ClientTimeout(sock_connect=self.timeout_seconds, sock_read=self.timeout_seconds)
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as client,
            asyncio.TaskGroup() as requests,
        ):
            client._retry_connection = False  # a request whose connection breaks is lost
            loop = asyncio.get_running_loop()
            began = loop.time()
            for number in range(self.longest_seconds * self._per_second):
                if self._stop.is_set():
                    return
                await asyncio.sleep(max(0.0, began + number / self._per_second - loop.time()))
                requests.create_task(self._request(client, number))

    async def _answer(self, client: aiohttp.ClientSession, method: str, path: str, **what: Any) -> Answer:
        """Send a request and return the answer.

        Raises:
            OSError, aiohttp.ClientError: there is no answer. TimeoutError is an OSError.
        """
        async with client.request(method, self._url + path, allow_redirects=False, **self._tls, **what) as response:
            return Answer(status=response.status, headers=response.headers, body=await response.read())

    async def _request(self, client: aiohttp.ClientSession, number: int) -> None:
        raise NotImplementedError


class SteadyLoad(OpenLoad):
    """Sends GET requests for a path and counts the answers by status."""

    def __init__(self, url: str | Https, path: str = "/api/v1/items", *, per_second: int) -> None:
        super().__init__(url, per_second=per_second)
        self._path = path
        self.statuses: Counter[int] = Counter()
        self.errors: list[str] = []

    @property
    def sent(self) -> int:
        """Requests that were answered or failed."""
        return self.statuses.total() + len(self.errors)

    def assert_nothing_lost(self) -> None:
        """Assert that every request was answered with 200, and that there were more than two seconds of them."""
        assert self.errors == [], self.errors[:5]
        assert set(self.statuses) == {200}, self.statuses
        assert self.sent > 2 * self._per_second, self.sent

    async def _request(self, client: aiohttp.ClientSession, number: int) -> None:
        try:
            answer = await self._answer(client, "GET", self._path)
        except (OSError, aiohttp.ClientError) as error:
            self.errors.append(f"{type(error).__name__}: {error}")
        else:
            self.statuses[answer.status] += 1
