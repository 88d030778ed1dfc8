"""The real process: start, drain, end, and outages of its database."""

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from tests.support import plain_http
from tests.support.postgres import PostgresServer
from tests.support.service import Service, run, until

Start = Callable[..., Service]


@pytest.fixture
def start(database_url: str) -> Iterator[Start]:
    started: list[Service] = []

    def start(**environment: str) -> Service:
        service = Service(**{"DATABASE_URL": database_url, "DRAIN_SECONDS": "1", **environment})
        started.append(service)
        service.await_status("/health/ready", 200)
        return service

    yield start
    for service in started:
        service.stop()


def test_a_draining_process_is_not_ready_and_still_serves(start: Start) -> None:
    """Connections are accepted, answered and closed until the end of the drain; then it exits with 0."""
    service = start(DRAIN_SECONDS="6")
    kept, other = httpx.Client(base_url=service.url), httpx.Client(base_url=service.url)
    assert "connection" not in kept.get("/health/live").headers

    service.process.terminate()
    service.await_status("/health/ready", 503, 1)
    answers = [other.get("/api/v1/items") for _ in range(5)] + [kept.get("/api/v1/items")]

    assert {(a.status_code, a.headers["connection"]) for a in answers} == {(200, "close")}
    assert service.process.wait(15) == 0
    until(lambda: service.events("stopped"))


def test_requests_in_flight_are_answered_after_the_listener_is_closed(
    start: Start, postgres: PostgresServer, database_url: str
) -> None:
    """They wait for a lock that is released after new connections are refused."""
    service = start(DRAIN_SECONDS="0")
    with psycopg.connect(database_url) as blocker, ThreadPoolExecutor() as pool:
        blocker.execute("LOCK TABLE items IN ACCESS EXCLUSIVE MODE")
        posts = [
            pool.submit(plain_http.post, f"{service.url}/api/v1/items", json={"name": f"item {n}"}, timeout=20)
            for n in range(5)
        ]
        until(lambda: postgres.waiting_for_a_lock() == 5)
        service.process.terminate()
        service.await_status("/health/live", None)
        blocker.rollback()
        statuses = [post.result().status_code for post in posts]

    assert statuses == [201] * 5
    assert service.process.wait(10) == 0
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM items").fetchone() == (5,)


def test_no_request_fails_while_one_process_replaces_another(start: Start) -> None:
    """A simulated load balancer that follows readiness sends requests all the time."""
    old = start(RATE_LIMIT_PER_SECOND="0", DRAIN_SECONDS="8")
    new = start(RATE_LIMIT_PER_SECOND="0", DRAIN_SECONDS="8")
    backends = [old, new]
    failures: list[object] = []
    sent = 0
    stop = threading.Event()

    def traffic() -> None:
        nonlocal sent
        while not stop.is_set():
            try:
                response = plain_http.post(f"{backends[sent % len(backends)].url}/api/v1/items", json={"name": "x"})
                if response.status_code != 201:
                    failures.append(response.text)
            except httpx.TransportError as error:
                failures.append(error)
            sent += 1

    thread = threading.Thread(target=traffic)
    thread.start()
    until(lambda: sent > 20)
    old.process.terminate()
    old.await_status("/health/ready", 503)
    before = sent
    until(lambda: sent > before + 10)  # the load balancer has not noticed the drain yet
    backends.remove(old)
    assert old.process.wait(30) == 0
    stop.set()
    thread.join()

    assert failures == []


def test_recovers_after_the_database_was_killed(start: Start, postgres: PostgresServer) -> None:
    """Meanwhile it is live and answers 503 with Retry-After; it is not restarted."""
    service = start()
    postgres.kill()
    try:
        service.await_status("/health/ready", 503)
        response = plain_http.get(f"{service.url}/api/v1/items", timeout=20)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
        assert service.status("/health/live") == 200
    finally:
        postgres.start()

    service.await_status("/health/ready", 200, 10)
    assert plain_http.post(f"{service.url}/api/v1/items", json={"name": "after"}).status_code == 201


def test_starts_without_its_database_and_completes_its_startup_later(
    postgres: PostgresServer, database_url: str
) -> None:
    """The startup probe fails until the database is available."""
    postgres.stop()
    service = Service(DATABASE_URL=database_url)
    try:
        service.await_status("/health/live", 200)
        assert service.status("/health/startup") == 503
        postgres.start()
        service.await_status("/health/startup", 200)
    finally:
        service.stop()
        if not postgres.answers():
            postgres.start()


def test_email_addresses_and_passwords_are_not_logged(start: Start, postgres: PostgresServer) -> None:
    """Of a conflict, a path and a query, at level debug."""
    service = start(LOG_LEVEL="debug")
    body = {"name": "John", "email": "john@example.com"}
    assert [plain_http.post(f"{service.url}/api/users", json=body).status_code for _ in range(2)] == [201, 409]
    plain_http.get(f"{service.url}/api/users/john@example.com?email=john@example.com", headers={"X-Request-ID": "last"})
    until(lambda: any(line.get("request_id") == "last" for line in service.events("request")))

    assert "john" not in str(service.log).lower()
    assert f":{postgres.password}@" not in str(service.log)


def test_a_second_signal_skips_the_drain(start: Start) -> None:
    """So an operator can stop the process immediately."""
    service = start(DRAIN_SECONDS="60")
    service.process.terminate()
    until(lambda: service.events("draining"))
    service.process.terminate()

    assert service.process.wait(10) == 0


def test_rejects_a_port_in_use(database_url: str) -> None:
    """It prints one message and exits with 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", DATABASE_URL=database_url, PORT=str(port))

    assert (done.returncode, done.stdout) == (1, "")
    assert f"cannot listen on 127.0.0.1 port {port}: Address already in use" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_rejects_invalid_settings(command: str) -> None:
    """It prints one message and exits with 2."""
    done = run(command, PORT="http")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("app: invalid settings:\n  PORT: got 'http'")
    assert "Traceback" not in done.stderr


def test_migrate_logs_its_result(empty_database_url: str) -> None:
    """The command is that of the Job."""
    done = run("migrate", DATABASE_URL=empty_database_url)

    assert done.returncode == 0, done.stderr
    assert '"event":"schema is at head"' in done.stdout
