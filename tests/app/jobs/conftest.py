"""A queue of moto, a real database, and the parts of the worker that use them."""

from collections.abc import AsyncIterator, Iterator

import pytest
from prometheus_client import CollectorRegistry

from app.core.postgres.database import Database
from app.core.resilience.breaker import Breaker
from app.jobs.metrics import JobMetrics
from app.jobs.queue import Queue
from app.jobs.store import JobStore
from app.settings import Settings
from tests.support.database import opened
from tests.support.queue import TestQueue


@pytest.fixture
def settings(database_url: str, sqs: TestQueue) -> Settings:
    return Settings(
        database_url=database_url,
        environment="test",
        queue_url=sqs.url,
        dead_letter_queue_url=sqs.dead_url,
        job_backoff_seconds=0,
        job_max_attempts=3,
        shutdown_grace_seconds=2,
    )


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    async with opened(settings) as database:
        yield database


@pytest.fixture
def store(database: Database, settings: Settings) -> JobStore:
    return JobStore(database, settings)


@pytest.fixture
def breaker() -> Breaker:
    return Breaker("queue", failure_threshold=2, recovery_seconds=0.05)


@pytest.fixture
def queue(settings: Settings, breaker: Breaker) -> Iterator[Queue]:
    queue = Queue(settings, breaker)
    yield queue
    queue.close()


@pytest.fixture
def metrics() -> JobMetrics:
    return JobMetrics(CollectorRegistry())
