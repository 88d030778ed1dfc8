"""Failures under 50 requests/s of mixed reads, writes and jobs: nothing acknowledged is lost or done twice."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from localcloud import control
from tests.e2e.checkout import Checkout
from tests.e2e.traffic import MixedTraffic
from tests.support import plain_http

pytestmark = pytest.mark.e2e
SETTLE_SECONDS = 90
STEADY_SECONDS = 5.0
QUEUE_AWAY_SECONDS = 30
LATENCY_MILLISECONDS = 150
LATENCY_SECONDS = 12


@pytest.fixture(autouse=True)
def _ready(platform: Checkout) -> None:
    """Wait until the service is ready with two server pods and all circuit breakers closed."""
    url = platform.url()
    until(lambda: plain_http.get(f"{url}/health/ready").status_code == 200)
    until(lambda: len(servers(platform)) == 2)
    until(lambda: set(states(url).values()) == {"closed"})


def until(condition: Callable[[], bool], seconds: float = SETTLE_SECONDS) -> None:
    """Wait until a condition holds; while the service, the database or a process is unavailable, it does not."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if condition():
                return
        except (httpx.HTTPError, psycopg.OperationalError, psutil.NoSuchProcess):
            pass
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {condition}"
        time.sleep(0.2)


def states(url: str) -> dict[str, str]:
    """Return breaker -> state; if processes report different states, one that is not closed."""
    worst: dict[str, str] = {}
    document = plain_http.get(f"{url}/sre/circuit-breakers", timeout=10).json()
    for breaker in every_breaker(document):
        if worst.get(breaker["name"], "closed") == "closed":
            worst[breaker["name"]] = breaker["state"]
    return worst


def every_breaker(document: Any) -> Iterator[dict[str, Any]]:
    """Yield the descriptions of breakers at any depth of a document."""
    if isinstance(document, dict):
        if {"name", "state"} <= document.keys():
            yield document
        for value in document.values():
            yield from every_breaker(value)
    elif isinstance(document, list):
        for value in document:
            yield from every_breaker(value)


@contextmanager
def watched_breakers(url: str) -> Iterator[set[tuple[str, str]]]:
    """Collect every (breaker, state) that is reported while the block runs."""
    seen: set[tuple[str, str]] = set()
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.1):
            try:
                seen.update(states(url).items())
            except httpx.HTTPError:
                continue

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def servers(platform: Checkout) -> list[psutil.Process]:
    """Return the processes of the service's pods."""
    node = psutil.Process(part(platform, "node").pid)
    found = []
    for process in node.children(recursive=True):
        try:
            if process.cmdline()[1:] == ["-m", "app", "serve"]:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def part(platform: Checkout, name: str) -> psutil.Process:
    """Return the process of a part of the local cloud."""
    (pid,) = [status.pid for status in control.status(platform.state) if status.name == name]
    assert pid is not None
    return psutil.Process(pid)


def kill(platform: Checkout, name: str) -> None:
    """kill -9 a part of the local cloud if it is ready: a part that never gets ready ends the whole cloud."""
    for status in control.status(platform.state):
        if status.name == name and status.ready and status.pid is not None:
            with suppress(psutil.NoSuchProcess):
                psutil.Process(status.pid).kill()


def database(platform: Checkout) -> psycopg.Connection[Any]:
    """Return a connection to the service's own database."""
    cloud = platform.cloud()
    url = f"postgresql://{cloud.postgres_user}:{cloud.postgres_password}@{cloud.postgres_host}:{cloud.postgres_port}"
    with psycopg.connect(f"{url}/postgres") as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate").fetchall()
    for (name,) in rows:
        connection = psycopg.connect(f"{url}/{name}", autocommit=True)
        row = connection.execute("SELECT to_regclass('outbox')").fetchone()
        if row and row[0]:
            return connection
        connection.close()
    raise AssertionError(f"none of {rows} holds the service's tables")


def assert_nothing_lost_or_doubled(platform: Checkout, traffic: MixedTraffic) -> None:
    """Assert that every acknowledged item exists once, and every acknowledged job succeeded and had its effect once."""
    names = [*traffic.items, *traffic.jobs]
    with database(platform) as connection:

        def all_finished() -> bool:
            row = connection.execute(
                "SELECT count(*) FROM jobs WHERE id = ANY(%s) AND state = 'succeeded'", [list(traffic.jobs.values())]
            ).fetchone()
            return row == (len(traffic.jobs),)

        until(all_finished)
        counted = dict(
            connection.execute(
                "SELECT name, count(*) FROM items WHERE name = ANY(%s) GROUP BY name", [names]
            ).fetchall()
        )
    assert traffic.unfinished == []
    assert [name for name in names if name not in counted] == []
    assert {name: count for name, count in counted.items() if count != 1} == {}
    assert len(traffic.items) > 50
    assert len(traffic.jobs) > 10


def steady() -> None:
    """Let traffic run for a fixed time."""
    time.sleep(STEADY_SECONDS)


def quickest_read(url: str) -> float:
    """Return the seconds of the fastest of 10 reads, without refusals and answers from the cache."""
    answers = [plain_http.get(f"{url}/api/v1/items", timeout=30) for _ in range(10)]
    return min(each.elapsed.total_seconds() for each in answers if each.is_success and "x-degraded" not in each.headers)


def test_a_killed_pod_loses_nothing_acknowledged(platform: Checkout) -> None:
    """kill -9 of one of two pods: only its own requests get no answer, and clients repeat their writes.

    The load balancer sends requests to it until its container is back or a health check has failed, as on AWS.
    """
    with MixedTraffic(platform.url()) as traffic:
        steady()
        victim = servers(platform)[0]
        victim.kill()
        until(lambda: len([each for each in servers(platform) if each.pid != victim.pid]) == 2)
        steady()

    assert traffic.wrong == []
    assert len(traffic.broken) <= 50, "more than the killed pod's half of two seconds"
    assert_nothing_lost_or_doubled(platform, traffic)


def test_a_rolling_restart_breaks_no_connection(platform: Checkout) -> None:
    """No connection breaks in a `kubectl rollout restart` of server and worker."""
    with MixedTraffic(platform.url()) as traffic:
        steady()
        platform.kubectl("rollout", "restart", "deployment")
        platform.kubectl("rollout", "status", "deployment", "--timeout=120s")
        steady()

    assert traffic.wrong == []
    assert traffic.broken == []
    assert_nothing_lost_or_doubled(platform, traffic)


def test_a_killed_postgres_causes_refusals_only(platform: Checkout) -> None:
    """Until it is back, reads are answered from the cache or refused, writes are refused, and the breaker opens."""
    url = platform.url()
    with watched_breakers(url) as seen, MixedTraffic(url) as traffic:
        steady()
        # Killed again whenever it is back, because one restart is shorter than the breaker needs to open.
        until(lambda: kill(platform, "postgres") or ("database", "open") in seen)
        until(lambda: plain_http.get(f"{url}/health/ready").status_code == 200)
        until(lambda: states(url)["database"] == "closed")
        steady()

    assert traffic.wrong == []
    assert traffic.broken == []
    assert_nothing_lost_or_doubled(platform, traffic)


def test_an_unavailable_queue_loses_no_job(platform: Checkout) -> None:
    """Jobs are accepted for 30 s without a queue; the breaker opens and closes again, and all jobs are done."""
    url = platform.url()
    queue = part(platform, "aws")
    with watched_breakers(url) as seen, MixedTraffic(url) as traffic:
        steady()
        os.kill(queue.pid, signal.SIGSTOP)
        try:
            time.sleep(QUEUE_AWAY_SECONDS)
            # In the state half-open one call probes; these calls wait for most of the 30 s.
            assert {("queue", "open"), ("queue", "half-open")} & seen
        finally:
            os.kill(queue.pid, signal.SIGCONT)
        until(lambda: states(url)["queue"] == "closed")
        steady()

    assert traffic.wrong == []
    assert traffic.broken == []
    assert_nothing_lost_or_doubled(platform, traffic)


def test_a_slow_database_causes_refusals_only(platform: Checkout) -> None:
    """With 150 ms more for each message to the database, clients get late answers or refusals, and no errors."""
    url = platform.url()
    drill = Path(platform.state) / "drills" / "database-latency-ms"
    drill.parent.mkdir(exist_ok=True)
    with MixedTraffic(url) as traffic:
        steady()
        assert quickest_read(url) < LATENCY_MILLISECONDS / 1000
        drill.write_text(str(LATENCY_MILLISECONDS))
        try:
            assert quickest_read(url) >= LATENCY_MILLISECONDS / 1000, "the drill makes nothing slow"
            time.sleep(LATENCY_SECONDS)
        finally:
            drill.unlink()
        steady()

    assert traffic.wrong == []
    assert traffic.broken == []
    assert_nothing_lost_or_doubled(platform, traffic)
