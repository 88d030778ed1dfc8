"""Requests reach the target unchanged, and responses the client. Real: sockets. The target is part of the test."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from localcloud.certificates import Authority
from localcloud.load_balancing.group import Group
from localcloud.load_balancing.headers import one_spelling
from localcloud.load_balancing.listening import Port, session_from
from localcloud.load_balancing.model import HealthCheck, Listener, LoadBalancer, Rule, TargetGroup
from localcloud.load_balancing.proxy import Proxy
from tests.support.ports import free_ports

TARGET = ("10.9.7.1", 8080)
TOKEN = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-"
NAMES = st.text(TOKEN, min_size=1, max_size=12).map(lambda name: f"X-T-{name}")
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=4)
SEGMENTS = st.lists(st.sampled_from(["a", "", "%2F", "..%2e", ";", "%C3%A9", "~", "+", "@:"]), max_size=5)
BODIES = st.binary(max_size=70_000)


class Loop:
    """An event loop in its own thread, with a load balancer and a target."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = free_ports("listener")["listener"]
        self.asked: list[tuple[str, str, list[tuple[str, str]], bytes]] = []
        self.answer: tuple[int, list[tuple[str, str]], bytes, bool] = (200, [], b"", False)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def start(self) -> None:
        app = web.Application(client_max_size=10**7)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.9.7.1", TARGET[1]).start()
        check = HealthCheck(path="/", port="traffic-port", interval=300, timeout=5, healthy=2, unhealthy=2, codes="200")
        self._session, self.client = session_from("127.0.0.1"), aiohttp.ClientSession(auto_decompress=False)
        healthy = asyncio.Event()
        spec = TargetGroup(arn="group", check=check, targets=(TARGET,))
        self._group = Group(self._session, spec, healthy.set)
        self._group.update(spec, used=True)
        while not any(state.state == "healthy" for state in self._group.states.values()):
            healthy.clear()
            await asyncio.wait_for(healthy.wait(), 20)
        self.asked.clear()
        rule = Rule(conditions=(), actions=({"Type": "forward", "TargetGroupArn": "group"},))
        listener = Listener(arn="listener", port=self.port, protocol="HTTP", policy="", names=(), rules=(rule,))
        balancer = LoadBalancer(arn="balancer", dns_name="name", subnets=(), attributes={}, listeners=(listener,))
        proxy = Proxy(self._session, balancer, listener, {"group": self._group}.get)
        # HTTP: no certificate is needed.
        self._port = Port("127.0.0.7", proxy, Authority._new("unused"))
        await self._port.open()

    async def stop(self) -> None:
        await self._port.close()
        self._group.close()
        await self.client.close()
        await self._session.close()
        await self._runner.cleanup()

    def end(self) -> None:
        self.run(self.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.raw_path, list(request.headers.items()), await request.read()))
        status, fields, body, chunked = self.answer
        response = web.StreamResponse(status=status)
        for name, value in fields:
            response.headers.add(name, value)
        if not chunked:
            response.content_length = len(body)
        await response.prepare(request)
        await response.write(body)
        await response.write_eof()
        return response

    async def ask(
        self, method: str, target: str, fields: list[tuple[str, str]], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        url = URL(f"http://127.0.0.7:{self.port}{target}", encoded=True)
        async with self.client.request(
            method, url, headers=one_spelling(fields), data=body or None, allow_redirects=False
        ) as response:
            return response.status, list(response.headers.items()), await response.read()


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    made = Loop()
    made.run(made.start())
    yield made
    made.end()


def own(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the header fields of the test, sorted."""
    return sorted((name.lower(), value) for name, value in fields if name.lower().startswith("x-t-"))


@settings(max_examples=40)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"]),
    segments=SEGMENTS,
    query=st.sampled_from(["", "?", "?a=b&a=%20", "?x", "?=&&"]),
    fields=FIELDS,
    body=BODIES,
)
def test_a_request_arrives_unchanged(
    loop: Loop, method: str, segments: list[str], query: str, fields: list[tuple[str, str]], body: bytes
) -> None:
    """Method, target, header fields and body are neither decoded, merged nor dropped."""
    loop.asked.clear()
    loop.answer = (200, [], b"", False)
    target = "/" + "/".join(segments) + query

    loop.run(loop.ask(method, target, fields, body))

    ((got_method, got_target, got_fields, got_body),) = loop.asked
    assert (got_method, got_target.rstrip("?"), got_body) == (method, target.rstrip("?"), body)
    assert own(got_fields) == own(fields)


@settings(max_examples=40)
@given(
    status=st.sampled_from([200, 201, 202, 302, 400, 404, 418, 429, 500, 502, 503]),
    fields=FIELDS,
    body=BODIES,
    chunked=st.booleans(),
)
def test_a_response_arrives_unchanged(
    loop: Loop, status: int, fields: list[tuple[str, str]], body: bytes, chunked: bool
) -> None:
    """This includes errors of the target."""
    loop.answer = (status, fields, body, chunked)

    got_status, got_fields, got_body = loop.run(loop.ask("GET", "/", [], b""))

    assert (got_status, got_body) == (status, body)
    assert own(got_fields) == own(fields)
