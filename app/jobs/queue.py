"""SQS, from asyncio: each call runs in a thread, behind the circuit breaker `queue`, with short timeouts."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import orjson
import stamina

from app.core.resilience.breaker import Breaker
from app.jobs.outages import QueueUnavailableError
from app.settings.jobs import JobSettings

WAIT_SECONDS = 2  # of a long poll; short, because the shutdown waits for it
CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = WAIT_SECONDS + 3
MAX_BATCH = 10  # messages of one call, SQS's limit
SETTLE_ATTEMPTS = 3

_ATTRIBUTES = ("request_id", "traceparent")
_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
# Errors about the message and not about the queue: a retry would not change them.
_GONE = {"ReceiptHandleIsInvalid", "InvalidParameterValue", "MessageNotInflight"}

T = TypeVar("T")


class QueueSettingsError(Exception):
    """A setting that the client needs is missing; the message names it."""


class MessageGoneError(Exception):
    """The receipt is no longer valid: the message became visible again, or was deleted."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """A message that is invisible to other workers until its visibility timeout ends."""

    receipt: str
    body: str
    job_id: UUID | None
    """None if the body was not written by this service."""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A message to send: the job, and the request and trace that it continues."""

    id: str
    """Id of the entry in the response to a batch."""
    job_id: UUID
    request_id: str | None
    traceparent: str | None


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Approximate numbers of messages: waiting, in flight, and in the dead-letter queue (None: unknown)."""

    visible: int
    in_flight: int
    dead: int | None


class Queue:
    """The queue of jobs and its dead-letter queue.

    All methods raise QueueUnavailableError, and BreakerOpenError without a call while the breaker is open. `threads`
    bounds the concurrent calls. Raises QueueSettingsError if there is no queue or no region.
    """

    def __init__(self, settings: JobSettings, breaker: Breaker, threads: int = 8) -> None:
        if settings.queue_url is None:
            raise QueueSettingsError("the worker needs a queue; set QUEUE_URL")
        self.breaker = breaker
        self._url = str(settings.queue_url)
        dead = settings.dead_letter_queue_url
        self._dead_url = str(dead) if dead is not None else None
        self._visibility = settings.job_visibility_seconds
        self._client = _client(self._url, threads)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="sqs")

    async def receive(self, most: int) -> list[Received]:
        """Return up to `most` messages, waiting up to WAIT_SECONDS for the first."""
        answer = await self._call(
            self._client.receive_message,
            QueueUrl=self._url,
            MaxNumberOfMessages=min(most, MAX_BATCH),
            WaitTimeSeconds=WAIT_SECONDS,
            VisibilityTimeout=self._visibility,
        )
        return [
            Received(receipt=message["ReceiptHandle"], body=message["Body"], job_id=_job_id(message["Body"]))
            for message in answer.get("Messages", ())
        ]

    async def send(self, messages: Sequence[Outgoing]) -> set[str]:
        """Send up to MAX_BATCH messages and return the ids of those that SQS accepted."""
        entries = [
            {
                "Id": message.id,
                "MessageBody": orjson.dumps({"job_id": message.job_id}).decode(),
                "MessageAttributes": _attributes(message),
            }
            for message in messages
        ]
        answer = await self._call(self._client.send_message_batch, QueueUrl=self._url, Entries=entries)
        return {entry["Id"] for entry in answer.get("Successful", ())}

    async def delete(self, message: Received) -> None:
        """Delete a message. One that is gone counts as deleted."""
        await self._settle(self._client.delete_message, QueueUrl=self._url, ReceiptHandle=message.receipt)

    async def make_visible(self, message: Received, seconds: float) -> None:
        """Make the message visible again in `seconds`; 0: now."""
        await self._settle(
            self._client.change_message_visibility,
            QueueUrl=self._url,
            ReceiptHandle=message.receipt,
            VisibilityTimeout=round(seconds),
        )

    async def move_to_dead_letters(self, message: Received) -> None:
        """Move the message to the dead-letter queue. Without one it stays, and the queue's redrive policy applies."""
        if self._dead_url is None:
            return
        # In this order: after a crash in between the message is in both queues, not in neither.
        await self._settle(self._client.send_message, QueueUrl=self._dead_url, MessageBody=message.body)
        await self.delete(message)

    async def counts(self) -> Counts:
        """Return the numbers of messages."""
        live = await self._attributes_of(self._url)
        dead = await self._attributes_of(self._dead_url) if self._dead_url is not None else None
        visible, in_flight = (int(live[name]) for name in _COUNTS)
        return Counts(visible=visible, in_flight=in_flight, dead=int(dead[_COUNTS[0]]) if dead else None)

    def close(self) -> None:
        """Stop the threads; calls that are under way end by their timeout."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    async def _attributes_of(self, url: str) -> Mapping[str, str]:
        call = self._client.get_queue_attributes
        answer = await self._call(call, QueueUrl=url, AttributeNames=list(_COUNTS))
        attributes: Mapping[str, str] = answer["Attributes"]
        return attributes

    async def _settle(self, call: Callable[..., Any], **arguments: Any) -> None:
        try:
            await retried(partial(self._call, call, **arguments))
        except MessageGoneError:
            return

    async def _call(self, call: Callable[..., Any], **arguments: Any) -> Any:
        async with self.breaker.call(counts=(QueueUnavailableError,)):
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, partial(_translated, call, arguments)
            )


async def retried(call: Callable[[], Awaitable[T]]) -> T:
    """Return what the call returns, with up to SETTLE_ATTEMPTS attempts with jitter while the queue is unavailable."""
    async for attempt in stamina.retry_context(
        on=QueueUnavailableError, attempts=SETTLE_ATTEMPTS, timeout=20, wait_initial=0.1, wait_max=1, wait_jitter=0.2
    ):
        with attempt:
            return await call()
    raise AssertionError("unreachable: the last attempt raises")  # pragma: no cover


def _translated(call: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 (heavy; the API never needs it)

    try:
        return call(**arguments)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "").rpartition(".")[2]
        if code in _GONE:
            raise MessageGoneError(code) from None
        raise QueueUnavailableError(f"{code}: {error}") from None
    except BotoCoreError as error:
        raise QueueUnavailableError(f"{type(error).__name__}: {error}") from None


def _client(url: str, threads: int) -> Any:
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    session = boto3.session.Session()
    # boto3 itself reads AWS_DEFAULT_REGION alone; pods have AWS_REGION.
    region = session.region_name or os.environ.get("AWS_REGION") or region_of(url)
    if region is None:
        raise QueueSettingsError("the region of the queue is unknown; set AWS_REGION")
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"total_max_attempts": 2, "mode": "standard"},
        max_pool_connections=threads,
        tcp_keepalive=True,
    )
    return session.client("sqs", region_name=region, config=config)


def region_of(url: str) -> str | None:
    """Return the region that a queue's URL on AWS names; None for any other URL."""
    labels = (urlsplit(url).hostname or "").split(".")
    return labels[1] if len(labels) >= 4 and labels[0] == "sqs" and labels[2] == "amazonaws" else None


def _attributes(message: Outgoing) -> dict[str, Any]:
    # SQS accepts no empty value.
    values = {name: getattr(message, name) for name in _ATTRIBUTES}
    return {name: {"DataType": "String", "StringValue": value} for name, value in values.items() if value}


def _job_id(body: str) -> UUID | None:
    try:
        return UUID(orjson.loads(body)["job_id"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
