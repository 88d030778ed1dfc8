"""How many messages the consumer receives, and what it does with them at a stop. SQS is emulated by moto."""

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from app.jobs.consumer import Consumer
from app.jobs.metrics import JobMetrics
from app.jobs.outages import QueueUnavailableError
from app.jobs.queue import Queue, Received
from tests.support.queue import TestQueue


async def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (what is awaited happens elsewhere)
            await asyncio.sleep(0.01)


class Hands:
    """A fake worker: counts its messages, and holds them until the test releases them."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.busy = self.most = self.done = self.cancelled = self.asked = 0
        self.go_on = asyncio.Event()
        self.fine = True
        self.unavailable = False

    async def handle(self, message: Received) -> bool:
        self.busy += 1
        self.most = max(self.most, self.busy)
        try:
            await self.go_on.wait()
            await self.queue.delete(message)
            self.done += 1
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.busy -= 1
        return self.fine

    async def ready(self) -> None:
        self.asked += 1
        if self.unavailable:
            raise QueueUnavailableError("unavailable")


@pytest.fixture
def hands(queue: Queue) -> Hands:
    return Hands(queue)


@pytest.fixture
async def consumer(queue: Queue, hands: Hands, metrics: JobMetrics) -> AsyncIterator[Consumer]:
    consumer = Consumer(queue, hands.handle, hands.ready, 2, metrics)
    yield consumer
    await consumer.stop(0)


async def test_receives_no_more_messages_than_can_be_handled(consumer: Consumer, hands: Hands, sqs: TestQueue) -> None:
    """A received message is hidden from other workers until it is handled."""
    for _ in range(5):
        sqs.send_job(uuid4())
    consumer.start()
    await until(lambda: hands.busy == 2)
    assert consumer.in_flight == 2
    hands.go_on.set()
    await until(lambda: hands.done == 5)

    assert (hands.most, sqs.count()) == (2, 0)


async def test_a_stop_finishes_the_jobs_in_flight(consumer: Consumer, hands: Hands, sqs: TestQueue) -> None:
    """No further job is started."""
    for _ in range(3):
        sqs.send_job(uuid4())
    consumer.start()
    await until(lambda: hands.busy == 2)
    stop = asyncio.create_task(consumer.stop(30))
    await asyncio.sleep(0)
    hands.go_on.set()
    await stop

    assert (hands.done, hands.cancelled, sqs.count()) == (2, 0, 1)


async def test_a_stop_cancels_jobs_after_its_grace_period(consumer: Consumer, hands: Hands, sqs: TestQueue) -> None:
    """The number of cancelled jobs is logged."""
    sqs.send_job(uuid4())
    consumer.start()
    await until(lambda: hands.busy == 1)
    with capture_logs() as logs:
        await consumer.stop(0.1)

    assert (hands.cancelled, hands.done) == (1, 0)
    assert [(line["event"], line["count"]) for line in logs] == [("jobs interrupted", 1)]


async def test_a_message_received_during_a_stop_is_returned(
    consumer: Consumer, hands: Hands, queue: Queue, sqs: TestQueue
) -> None:
    """Another worker can receive it immediately."""
    receiving = asyncio.Event()
    real = queue.receive

    async def receive(most: int) -> list[Received]:
        receiving.set()
        return await real(most)

    queue.receive = receive  # type: ignore[method-assign]
    consumer.start()
    await receiving.wait()
    stop = asyncio.create_task(consumer.stop(30))
    await asyncio.sleep(0)
    sqs.send_job(uuid4())
    await stop

    assert hands.busy == 0
    [message] = await real(1)
    assert message.job_id is not None


async def test_a_stop_succeeds_if_a_message_cannot_be_returned(
    consumer: Consumer, hands: Hands, queue: Queue, sqs: TestQueue
) -> None:
    """The message stays in the queue and becomes visible after its timeout."""

    async def unavailable(_message: Received, _seconds: float) -> None:
        raise QueueUnavailableError("unavailable")

    queue.make_visible = unavailable  # type: ignore[method-assign]
    sqs.send_job(uuid4())
    receiving = asyncio.Event()
    real = queue.receive

    async def receive(most: int) -> list[Received]:
        receiving.set()
        return await real(most)

    queue.receive = receive  # type: ignore[method-assign]
    consumer.start()
    await receiving.wait()
    await consumer.stop(30)

    assert (hands.busy, sqs.count()) == (0, 1)


async def test_nothing_is_received_while_the_database_is_unavailable(
    consumer: Consumer, hands: Hands, sqs: TestQueue
) -> None:
    """Each receipt counts towards the limit after which SQS moves a message to the dead letters."""
    hands.fine, hands.unavailable = False, True
    hands.go_on.set()
    sqs.send_job(uuid4())
    consumer.start()
    await until(lambda: hands.done == 1)
    await until(lambda: hands.asked > 1)
    sqs.send_job(uuid4())
    asked = hands.asked
    await until(lambda: hands.asked > asked + 1)
    assert hands.done == 1
    hands.fine, hands.unavailable = True, False

    await until(lambda: hands.done == 2)


async def test_an_unexpected_error_is_logged_and_does_not_end_the_consumer(
    consumer: Consumer, hands: Hands, sqs: TestQueue
) -> None:
    """Later messages are handled."""
    hands.go_on.set()

    async def broken(_message: Received) -> None:
        raise ZeroDivisionError

    real, hands.queue.delete = hands.queue.delete, broken  # type: ignore[method-assign]
    with capture_logs() as logs:
        sqs.send_job(uuid4())
        consumer.start()
        await until(lambda: [line for line in logs if line["event"] == "message failed"])
    hands.queue.delete = real  # type: ignore[method-assign]
    for _ in range(3):
        sqs.send_job(uuid4())

    await until(lambda: hands.done == 3)
