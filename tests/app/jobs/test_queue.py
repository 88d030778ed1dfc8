"""The client of SQS, which is emulated by moto, and outages of SQS."""

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


async def test_a_message_has_the_ids_of_its_request_as_attributes(queue: Queue, sqs: TestQueue) -> None:
    """The body has only the id of the job; a message without a request has no attributes."""
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
    """Deleting it twice is not an error."""
    id = uuid4()
    sqs.send_job(id)
    [message] = await queue.receive(4)

    assert message.job_id == id
    await queue.delete(message)
    await queue.delete(message)
    assert sqs.count() == 0


async def test_a_message_becomes_visible_immediately(queue: Queue, sqs: TestQueue) -> None:
    """So another worker can receive it without a wait."""
    sqs.send_job(uuid4())
    [message] = await queue.receive(1)
    await queue.make_visible(message, 0)

    [again] = await queue.receive(1)
    assert again.job_id == message.job_id


async def test_a_missing_message_is_not_an_error(queue: Queue, breaker: Breaker) -> None:
    """The queue answered, so the breaker stays closed."""
    for _ in range(3):
        await queue.delete(GONE)
        await queue.make_visible(GONE, 1)

    assert breaker.closed


async def test_moves_a_message_to_the_dead_letters(queue: Queue, sqs: TestQueue) -> None:
    """It is deleted from the queue."""
    sqs.send("no job")
    [message] = await queue.receive(1)
    assert message.job_id is None
    await queue.move_to_dead_letters(message)

    assert (sqs.count(), sqs.dead()) == (0, 1)
    counts = await queue.counts()
    assert (counts.visible, counts.in_flight, counts.dead) == (0, 0, 1)


async def test_without_a_dead_letter_queue_the_message_stays(
    settings: Settings, breaker: Breaker, sqs: TestQueue
) -> None:
    """The redrive policy of the queue moves it. The number of dead letters is unknown."""
    queue = Queue(settings.model_copy(update={"dead_letter_queue_url": None}), breaker)
    sqs.send("no job")
    [message] = await queue.receive(1)
    await queue.move_to_dead_letters(message)

    counts = await queue.counts()
    assert (counts.visible, counts.in_flight, counts.dead) == (0, 1, None)
    queue.close()


@pytest.mark.parametrize("body", ["", "x", "[]", "1", "{}", '{"job_id": 7}', '{"job_id": "7"}', '{"job_id": null}'])
async def test_a_malformed_body_has_no_job_id(queue: Queue, sqs: TestQueue, body: str) -> None:
    """It is not an error, which would end the worker."""
    sqs.send(body or " ")
    [message] = await queue.receive(1)

    assert message.job_id is None


async def test_an_unavailable_queue_opens_the_breaker(
    settings: Settings, breaker: Breaker, sqs: TestQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then it is not called until the recovery time of the breaker is over."""
    use(monkeypatch, sqs, f"http://127.0.0.1:{free_port()}")
    queue = Queue(settings, breaker)
    for _ in range(2):
        with pytest.raises(QueueUnavailableError, match="EndpointConnectionError"):
            await queue.receive(1)

    with pytest.raises(BreakerOpenError):
        await queue.counts()
    queue.close()


async def test_a_failed_delete_is_retried(queue: Queue, sqs: TestQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    """So a short failure does not lead to a second delivery."""
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
    """The message contains the error code of SQS."""
    queue = Queue(settings.model_copy(update={"queue_url": f"{settings.queue_url}-none"}), breaker)
    with pytest.raises(QueueUnavailableError, match=r"NonExistentQueue|QueueDoesNotExist"):
        await queue.receive(1)
    queue.close()


def test_refuses_settings_without_a_queue(settings: Settings, breaker: Breaker) -> None:
    """The message names QUEUE_URL."""
    with pytest.raises(QueueSettingsError, match="set QUEUE_URL"):
        Queue(settings.model_copy(update={"queue_url": None}), breaker)


def test_refuses_settings_without_a_region(
    settings: Settings, breaker: Breaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names AWS_REGION."""
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
def test_takes_the_region_from_the_url(url: str, region: str | None) -> None:
    """If it is the URL of a queue on AWS."""
    assert region_of(url) == region
