"""Real worker processes on a real database and a queue of moto: failures, outages and their end."""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest

from app.core.postgres.database import Database
from app.jobs.store import JobStore
from app.settings import Settings
from tests.support import plain_http
from tests.support.gate import gate_to
from tests.support.queue import TestQueue
from tests.support.service import Service, run, until

Start = Callable[..., Service]
SECONDS = 60  # at most, on a busy machine


@pytest.fixture
def start(database_url: str, sqs: TestQueue) -> Iterator[Start]:
    started: list[Service] = []

    def start(ready: bool = True, **environment: str) -> Service:
        defaults = {"DATABASE_URL": database_url, "JOB_BACKOFF_SECONDS": "0", **sqs.environment()}
        worker = Service("worker", **{**defaults, **environment})
        started.append(worker)
        if ready:
            worker.await_status("/health/ready", 200, SECONDS)
        return worker

    yield start
    for worker in started:
        worker.stop()


class Jobs:
    """The table of jobs, on a connection of the test."""

    def __init__(self, url: str) -> None:
        self.url = url

    def fetch(self, statement: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    async def submit(self, count: int = 1, kind: str = "import-items") -> list[UUID]:
        """Create jobs that create one item each."""
        database = Database(Settings(database_url=self.url))
        await database.open()
        store = JobStore(database, Settings(database_url=self.url))
        payloads = [{"items": [{"name": f"item {n}", "description": ""}]} for n in range(count)]
        ids = [(await store.create(kind, payload))["id"] for payload in payloads]
        await database.close()
        return ids

    def states(self) -> set[str]:
        return {row[0] for row in self.fetch("SELECT state FROM jobs")}

    def all_in(self, state: str) -> bool:
        return self.states() == {state}

    def items(self) -> list[str]:
        return [row[0] for row in self.fetch("SELECT name FROM items ORDER BY name")]

    def blocked(self) -> int:
        """Return the number of waiting locks."""
        return int(self.fetch("SELECT count(*) FROM pg_locks WHERE NOT granted")[0][0])


@pytest.fixture
def jobs(database_url: str) -> Jobs:
    return Jobs(database_url)


async def test_all_jobs_in_the_outbox_are_done(start: Start, jobs: Jobs, sqs: TestQueue) -> None:
    """Outbox and queue are empty afterwards; the metrics count the jobs."""
    await jobs.submit(25)
    worker = start()
    until(lambda: jobs.all_in("succeeded"), SECONDS)

    assert len(jobs.items()) == 25
    until(lambda: sqs.count() == 0, SECONDS)
    assert jobs.fetch("SELECT count(*) FROM outbox") == [(0,)]
    metrics = scrape(worker)
    assert 'jobs_finished_total{kind="import-items",outcome="succeeded"} 25.0' in metrics
    assert "jobs_sent_total 25.0" in metrics


def scrape(worker: Service) -> str:
    return plain_http.get(f"{worker.url}/metrics").text


async def test_two_workers_do_each_job_once(start: Start, jobs: Jobs, sqs: TestQueue) -> None:
    """Although every message is delivered twice."""
    ids = await jobs.submit(40)
    for id in ids:
        sqs.send_job(id)
    # A worker leaves the message of a job that the other one runs until the message is visible again.
    environment = {"JOB_VISIBILITY_SECONDS": "6", "JOB_TIMEOUT_SECONDS": "5"}
    workers = [start(ready=False, **environment), start(ready=False, **environment)]
    until(lambda: jobs.all_in("succeeded"), SECONDS)
    until(lambda: sqs.count() == 0, SECONDS)

    assert len(jobs.items()) == 40
    assert all(worker.process.poll() is None for worker in workers)


async def test_a_job_of_a_killed_worker_is_done_by_another(start: Start, jobs: Jobs, sqs: TestQueue) -> None:
    """Once the claim and the visibility timeout have expired. The job has one effect."""
    environment = {"JOB_VISIBILITY_SECONDS": "4", "JOB_TIMEOUT_SECONDS": "3"}
    first = start(**environment)
    with psycopg.connect(jobs.url) as blocker:
        blocker.execute("LOCK TABLE items IN ACCESS EXCLUSIVE MODE")
        await jobs.submit()
        until(lambda: jobs.blocked() == 1, SECONDS)
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        assert jobs.all_in("running")
    start(**environment)
    until(lambda: jobs.all_in("succeeded"), SECONDS)

    assert jobs.items() == ["item 0"]
    assert jobs.fetch("SELECT attempts FROM jobs")[0][0] >= 2


async def test_an_outage_of_the_queue_loses_no_job(start: Start, jobs: Jobs, sqs: TestQueue) -> None:
    """Jobs are accepted meanwhile and done afterwards; readiness and the breaker show the outage."""
    with gate_to(urlsplit(sqs.endpoint).port or 0) as gate:
        worker = start(AWS_ENDPOINT_URL=gate.url, BREAKER_FAILURE_THRESHOLD="2", BREAKER_RECOVERY_SECONDS="0.5")
        gate.shut()
        await jobs.submit(12)
        worker.await_status("/health/ready", 503, SECONDS)
        until(lambda: breaker_of(worker, "queue")["opened_count"] > 0, SECONDS)
        assert jobs.states() == {"queued"}
        gate.open()
        until(lambda: jobs.all_in("succeeded"), SECONDS)

        assert len(jobs.items()) == 12
        worker.await_status("/health/ready", 200, SECONDS)
        until(lambda: breaker_of(worker, "queue")["state"] == "closed", SECONDS)


def breaker_of(worker: Service, name: str) -> dict[str, Any]:
    breakers = plain_http.get(f"{worker.url}/sre/circuit-breakers").json()["circuit_breakers"]
    return next(breaker for breaker in breakers if breaker["name"] == name)


async def test_a_job_that_always_fails_becomes_a_dead_letter(start: Start, jobs: Jobs, sqs: TestQueue) -> None:
    """After JOB_MAX_ATTEMPTS attempts."""
    await jobs.submit(kind="notify-user")  # fails without an upstream
    start(JOB_MAX_ATTEMPTS="3")
    until(lambda: jobs.all_in("dead"), SECONDS)
    until(lambda: sqs.dead() == 1, SECONDS)

    [(attempts, error)] = jobs.fetch("SELECT attempts, error FROM jobs")
    assert (attempts, sqs.count()) == (3, 0)
    assert "UPSTREAM_URL" in error


async def test_a_purged_queue_loses_no_job(start: Start, jobs: Jobs, sqs: TestQueue) -> None:
    """The sweeper sends jobs without progress again."""
    await jobs.submit(5)
    jobs.fetch("DELETE FROM outbox")  # as if all jobs had been sent before the queue was purged
    sqs.purge()
    start(JOB_RESEND_SECONDS="1")
    until(lambda: jobs.all_in("succeeded"), SECONDS)

    assert len(jobs.items()) == 5


async def test_a_job_in_flight_is_finished_on_sigterm(start: Start, jobs: Jobs, sqs: TestQueue) -> None:
    """No further job is started, and the process exits with 0."""
    worker = start(WORKER_CONCURRENCY="1")
    with psycopg.connect(jobs.url) as blocker:
        blocker.execute("LOCK TABLE items IN ACCESS EXCLUSIVE MODE")
        await jobs.submit(2)
        until(lambda: jobs.blocked() == 1, SECONDS)
        worker.process.terminate()
        until(lambda: worker.events("draining"), SECONDS)
    with ThreadPoolExecutor() as pool:
        assert pool.submit(worker.process.wait, SECONDS).result() == 0

    assert sorted(row[0] for row in jobs.fetch("SELECT state FROM jobs")) == ["queued", "succeeded"]
    assert len(jobs.items()) == 1
    assert sqs.count() == 1
    assert jobs.fetch("SELECT count(*) FROM instances") == [(0,)]
    until(lambda: worker.events("stopped"))


async def test_a_job_over_the_grace_period_is_given_back(start: Start, jobs: Jobs, sqs: TestQueue) -> None:
    """Another worker gets it before the visibility timeout of the message, and the attempt does not count."""
    worker = start(SHUTDOWN_GRACE_SECONDS="1", JOB_VISIBILITY_SECONDS="600")
    with psycopg.connect(jobs.url) as blocker:
        blocker.execute("LOCK TABLE items IN ACCESS EXCLUSIVE MODE")
        await jobs.submit()
        until(lambda: jobs.blocked() == 1, SECONDS)
        worker.process.terminate()
        assert worker.process.wait(SECONDS) == 0
        assert jobs.states() == {"retrying"}
    until(lambda: worker.events("job handed back"))
    start(JOB_VISIBILITY_SECONDS="600")
    until(lambda: jobs.all_in("succeeded"), SECONDS)

    assert jobs.fetch("SELECT attempts FROM jobs") == [(1,)]


async def test_a_worker_starts_without_its_queue_and_completes_its_startup_later(
    start: Start, jobs: Jobs, sqs: TestQueue
) -> None:
    """It is live meanwhile; its startup probe fails until the queue is available."""
    with gate_to(urlsplit(sqs.endpoint).port or 0) as gate:
        gate.shut()
        worker = start(ready=False, AWS_ENDPOINT_URL=gate.url, BREAKER_RECOVERY_SECONDS="0.5")
        worker.await_status("/health/live", 200, SECONDS)
        assert worker.status("/health/startup") == 503
        gate.open()
        worker.await_status("/health/startup", 200, SECONDS)


async def test_a_worker_saves_its_report(start: Start, jobs: Jobs) -> None:
    """All replicas of the API can read it."""
    start()
    until(lambda: jobs.fetch("SELECT 1 FROM instances WHERE report -> 'queue' -> 'reachable' = 'true'"), SECONDS)

    [(role, report)] = jobs.fetch("SELECT role, report FROM instances")
    assert role == "worker"
    assert [breaker["name"] for breaker in report["breakers"]] == ["database", "queue"]
    assert report["queue"] == {"visible": 0, "in_flight": 0, "dead": 0, "reachable": True}


def test_rejects_settings_without_a_queue(database_url: str) -> None:
    """It prints one message and exits with 2."""
    done = run("worker", DATABASE_URL=database_url)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "app: the worker needs a queue; set QUEUE_URL\n"


def test_rejects_settings_without_a_region(database_url: str) -> None:
    """It prints one message and exits with 2."""
    done = run("worker", DATABASE_URL=database_url, QUEUE_URL="http://127.0.0.1:1/q", AWS_CONFIG_FILE=os.devnull)

    assert (done.returncode, done.stdout) == (2, "")
    assert "set AWS_REGION" in done.stderr
