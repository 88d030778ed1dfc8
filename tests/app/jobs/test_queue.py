"""SQS, as moto has it, and what happens when it is unavailable."""

from uuid import uuid4

import pytest
from botocore.exceptions import EndpointConnectionError

from app.core.resilience.breaker import Breaker, BreakerOpenError
from app.jobs.outages import QueueUnavailableError
from app.jobs.queue import Outgoing, Queue, QueueSettingsError, Received, region_of
from app.settings import Settings
from tests.support.ports import free_port
from tests.support.queue import TestQueue, use

GONE = Received(receipt="no-such-receipt", body="{}", job_id=None)


def outgoing(id: str = "1", **more: str | None) -> Outgoing:
    return Outgoing(id=id, job_id=uuid4(), **{"request_id": None, "traceparent": None, **more})  # type: ignore[arg-type]


async def test_a_message_arrives_with_what_it_continues(queue: Queue, sqs: TestQueue) -> None:
    """The body names the job and nothing else; the rest is in attributes, if there is any."""
    sent = [outgoing("7", request_id="r", traceparent="00-a-b-01"), outgoing("8")]
    assert await queue.send(sent) == {"7", "8"}

    found: list[dict[str, object]] = []
    for _ in range(10):
        answer = sqs.sqs.receive_message(QueueUrl=sqs.url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        found += answer.get("Messages", [])
        if len(found) == 2:
            break
    attributes = {str(m["Body"]): sorted(m.get("MessageAttributes", {})) for m in found}  # type: ignore[call-overload]
    assert attributes == {
        f'{{"job_id":"{sent[0].job_id}"}}': ["request_id", "traceparent"],
        f'{{"job_id":"{sent[1].job_id}"}}': [],
    }


async def test_a_message_is_received_and_deleted(queue: Queue, sqs: TestQueue) -> None:
    """Deleting it twice is no error."""
    id = uuid4()
    sqs.send_job(id)
    [message] = await queue.receive(4)

    assert message.job_id == id
    await queue.delete(message)
    await queue.delete(message)
    assert sqs.count() == 0


async def test_a_message_becomes_visible_immediately(queue: Queue, sqs: TestQueue) -> None:
    """So that another worker gets it without waiting."""
    sqs.send_job(uuid4())
    [message] = await queue.receive(1)
    await queue.make_visible(message, 0)

    [again] = await queue.receive(1)
    assert again.job_id == message.job_id


async def test_a_missing_message_is_not_an_error(queue: Queue, breaker: Breaker) -> None:
    """The breaker takes the answer for what it is: the queue is there."""
    for _ in range(3):
        await queue.delete(GONE)
        await queue.make_visible(GONE, 1)

    assert breaker.closed


async def test_a_buried_message_is_a_dead_letter(queue: Queue, sqs: TestQueue) -> None:
    """It leaves the queue."""
    sqs.send("no job")
    [message] = await queue.receive(1)
    assert message.job_id is None
    await queue.move_to_dead_letters(message)

    assert (sqs.count(), sqs.dead()) == (0, 1)
    counts = await queue.counts()
    assert (counts.visible, counts.in_flight, counts.dead) == (0, 0, 1)


async def test_without_a_dead_letter_queue_sqs_decides(settings: Settings, breaker: Breaker, sqs: TestQueue) -> None:
    """The message stays, to be moved by the queue's own redrive; and dead letters are not counted."""
    queue = Queue(settings.model_copy(update={"dead_letter_queue_url": None}), breaker)
    sqs.send("no job")
    [message] = await queue.receive(1)
    await queue.move_to_dead_letters(message)

    counts = await queue.counts()
    assert (counts.visible, counts.in_flight, counts.dead) == (0, 1, None)
    queue.close()


@pytest.mark.parametrize("body", ["", "x", "[]", "1", "{}", '{"job_id": 7}', '{"job_id": "7"}', '{"job_id": null}'])
async def test_an_unknown_body_names_no_job(queue: Queue, sqs: TestQueue, body: str) -> None:
    """It must not end the worker."""
    sqs.send(body or " ")
    [message] = await queue.receive(1)

    assert message.job_id is None


async def test_an_unavailable_queue_opens_the_breaker(
    settings: Settings, breaker: Breaker, sqs: TestQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then it is asked no more for a while, and after that once."""
    use(monkeypatch, sqs, f"http://127.0.0.1:{free_port()}")
    queue = Queue(settings, breaker)
    for _ in range(2):
        with pytest.raises(QueueUnavailableError, match="EndpointConnectionError"):
            await queue.receive(1)

    with pytest.raises(BreakerOpenError):
        await queue.counts()
    queue.close()


async def test_settling_is_tried_again(queue: Queue, sqs: TestQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hiccup leaves no message to be delivered again."""
    sqs.send_job(uuid4())
    [message] = await queue.receive(1)
    real, calls = queue._client.delete_message, []

    def delete(**arguments: str) -> object:
        calls.append(arguments)
        if len(calls) == 1:
            raise EndpointConnectionError(endpoint_url="http://queue")
        return real(**arguments)

    monkeypatch.setattr(queue._client, "delete_message", delete)
    await queue.delete(message)

    assert (len(calls), sqs.count()) == (2, 0)


async def test_a_queue_that_does_not_exist_is_unavailable(settings: Settings, breaker: Breaker) -> None:
    """The message says what SQS said."""
    queue = Queue(settings.model_copy(update={"queue_url": f"{settings.queue_url}-none"}), breaker)
    with pytest.raises(QueueUnavailableError, match=r"NonExistentQueue|QueueDoesNotExist"):
        await queue.receive(1)
    queue.close()


def test_there_is_no_client_without_a_queue(settings: Settings, breaker: Breaker) -> None:
    """It says what to set."""
    with pytest.raises(QueueSettingsError, match="set QUEUE_URL"):
        Queue(settings.model_copy(update={"queue_url": None}), breaker)


def test_there_is_no_client_without_a_region(
    settings: Settings, breaker: Breaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what to set."""
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(QueueSettingsError, match="set AWS_REGION"):
        Queue(settings, breaker)


@pytest.mark.parametrize(
    ("url", "region"),
    [
        ("https://sqs.eu-central-1.amazonaws.com/1/jobs", "eu-central-1"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/1/jobs", "cn-north-1"),
        ("http://127.0.0.1:5000/1/jobs", None),
        ("http://queue/jobs", None),
    ],
)
def test_the_url_names_the_region(url: str, region: str | None) -> None:
    """Of a queue on AWS."""
    assert region_of(url) == region
