"""10,000 raw requests from a grammar against the real process: pipelined, over several concurrent connections."""

import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from tests.app.core.process.http1.grammar import REFUSALS, Grammar, RawRequest
from tests.support.raw_http import RawConnection, ask
from tests.support.service import Service, until

REQUESTS = 10_000
AT_ONCE = 8  # connections; fewer than the service has to its database, so no request waits for one
HEADER_SECONDS = 2
SEED = "FUZZ_SEED"  # environment variable to repeat a run
LIVE = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
STATUS_LINE = re.compile(rb"HTTP/1\.1 ([0-9]{3}) [A-Z][^\r]*(\r\n.*?\r\n\r\n)", re.DOTALL)
# The only allowed statuses above 499: an unknown method or coding, and another major version of HTTP.
NOT_IMPLEMENTED = {501, 505}


@pytest.fixture
def service(database_url: str) -> Iterator[Service]:
    limits = {"HEADER_TIMEOUT_SECONDS": str(HEADER_SECONDS), "RATE_LIMIT_PER_SECOND": "0"}
    service = Service(DATABASE_URL=database_url, **limits)
    service.await_status("/health/ready", 200)
    yield service
    service.stop()


def send(port: int, requests: list[RawRequest]) -> Counter[str]:
    """Send all requests at once and check the answer to each; return the number of answers by status."""
    seen: Counter[str] = Counter()
    with RawConnection(port, seconds=20) as connection:
        connection.send(b"".join(request.data for request in requests))
        for request in requests:
            seen["requests"] += 1
            if not request.answered:
                return seen + follow(connection)
            answer = connection.answer(request.method)
            assert answer is not None, request
            assert answer.status in request.statuses, (request, answer)
            seen[str(answer.status)] += 1
            if answer.status >= 400 and request.method != "HEAD":
                assert answer.problem["detail"], request
            if request.last:
                assert answer.headers["connection"] == "close", request
                assert connection.closed(), request
            else:
                assert "connection" not in answer.headers, request
    return seen


def follow(connection: RawConnection) -> Counter[str]:
    """Check that all answers to a mutated request are well formed."""
    seen: Counter[str] = Counter()
    for status, rest in STATUS_LINE.findall(connection.rest(0.1)):
        assert int(status) < 500 or int(status) in NOT_IMPLEMENTED, (status, rest)
        assert int(status) < 400 or b"\r\ncontent-type: application/problem+json\r\n" in rest, (status, rest)
        seen[f"mutated {status.decode()[0]}xx"] += 1
    return seen


@pytest.mark.timeout(180)
def test_every_raw_request_gets_an_allowed_answer(service: Service) -> None:
    """Valid requests are answered, invalid ones are refused with a problem, and the process stays healthy."""
    seed = int(os.environ.get(SEED) or random.SystemRandom().randrange(2**32))
    port = int(service.url.rpartition(":")[2])
    created = ask(
        port,
        b"POST /api/v1/items HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n"
        + b'{"name": "a"}',
    )
    assert created.status == 201
    grammar = Grammar(seed)
    connections: list[list[RawRequest]] = []
    while sum(map(len, connections)) < REQUESTS:
        connections.append(grammar.connection())

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            seen = sum(pool.map(lambda requests: send(port, requests), connections), Counter[str]())
        except AssertionError as error:
            raise AssertionError(f"repeat it with {SEED}={seed}: {error}") from None

    assert seen["requests"] >= REQUESTS
    # The run covered every success and every refusal.
    assert {"200", "201", "204", "404", "405", "422", *map(str, REFUSALS - {408})} <= set(seen), (seed, seen)
    assert seen["200"] > REQUESTS / 3, (seed, seen)
    assert seen["mutated 4xx"] > seen["mutated 2xx"] > 0, (seed, seen)
    assert ask(port, LIVE).status == 200
    process = psutil.Process(service.process.pid)
    until(lambda: not [c for c in process.net_connections("tcp") if c.laddr.port == port and c.raddr])
    assert not [line for line in service.log if line["level"] in ("ERROR", "CRITICAL")], (seed, service.log[-3:])
