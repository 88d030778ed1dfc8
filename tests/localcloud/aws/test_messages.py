"""Messages in queues are not journaled, and long polls do not block other requests."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from localcloud.aws.account import Account
from localcloud.aws.server import AwsServer
from localcloud.cloud import JOURNAL_FILE
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Stack, start_server

GENEROUS_SECONDS = 15  # SQS limits a poll to 20 s


@pytest.fixture
def aws(server: AwsServer) -> Account:
    return Account(ACCOUNT_ID, REGION, server.endpoint)


@pytest.fixture
def url(aws: Account) -> str:
    """A queue whose polls wait for the maximum time by default."""
    attributes = {"ReceiveMessageWaitTimeSeconds": "20"}
    return str(aws.call("sqs", "CreateQueue", QueueName="jobs", Attributes=attributes)["QueueUrl"])


def receive(aws: Account, url: str, **more: Any) -> list[dict[str, Any]]:
    return list(aws.call("sqs", "ReceiveMessage", QueueUrl=url, **more).get("Messages", []))


def test_a_waiting_poll_does_not_block_others_and_returns_a_new_message(aws: Account, url: str) -> None:
    """Two clients are served while it waits; it returns when the message arrives, before its timeout."""
    with ThreadPoolExecutor() as pool:
        poll = pool.submit(receive, aws, url)
        began = time.monotonic()
        aws.call("s3", "CreateBucket", Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
        aws.call("sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])
        assert not poll.done()
        aws.call("sqs", "SendMessage", QueueUrl=url, MessageBody="work")
        (message,) = poll.result()
        seconds = time.monotonic() - began

    assert message["Body"] == "work"
    assert seconds < GENEROUS_SECONDS


def test_a_poll_without_a_message_ends_at_its_timeout(aws: Account, url: str) -> None:
    """It waits for one second, or not at all for zero; the queue's default does not matter."""
    began = time.monotonic()
    assert receive(aws, url, WaitTimeSeconds=1) == []
    waited = time.monotonic() - began
    began = time.monotonic()
    assert receive(aws, url, WaitTimeSeconds=0) == []

    assert waited >= 1
    assert time.monotonic() - began < GENEROUS_SECONDS


def test_a_message_that_gets_visible_again_ends_a_poll(aws: Account, url: str) -> None:
    """No new message wakes the poll, so it checks repeatedly."""
    aws.call("sqs", "SendMessage", QueueUrl=url, MessageBody="again")
    (first,) = receive(aws, url, VisibilityTimeout=1)

    began = time.monotonic()
    (second,) = receive(aws, url)

    assert first["MessageId"] == second["MessageId"]
    assert time.monotonic() - began < GENEROUS_SECONDS


def test_every_message_has_its_own_id_and_goes_to_one_receiver(aws: Account, url: str) -> None:
    """Ids do not depend on the number of a request; with many simultaneous polls, each message reaches one."""
    sent = [aws.call("sqs", "SendMessage", QueueUrl=url, MessageBody=str(number))["MessageId"] for number in range(20)]
    got: list[str] = []
    lock = threading.Lock()

    def drain() -> None:
        while found := receive(aws, url, MaxNumberOfMessages=3, WaitTimeSeconds=0):
            for message in found:
                aws.call("sqs", "DeleteMessage", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                with lock:
                    got.append(message["MessageId"])

    with ThreadPoolExecutor(3) as pool:
        for worker in [pool.submit(drain) for _ in range(3)]:
            worker.result()

    assert len(set(sent)) == 20
    assert sorted(got) == sorted(sent)


def test_a_message_that_fails_too_often_becomes_a_dead_letter(server: AwsServer, stack: Stack, aws: Account) -> None:
    """After the maximum number of receives it is in the dead-letter queue."""
    dead = stack.create("aws:sqs/queue:Queue", "dead")
    redrive = f'{{"deadLetterTargetArn": "{dead.outputs["arn"]}", "maxReceiveCount": 2}}'
    jobs = stack.create("aws:sqs/queue:Queue", "jobs", redrivePolicy=redrive)
    aws.call("sqs", "SendMessage", QueueUrl=jobs.id, MessageBody="poison")

    received = [receive(aws, jobs.id, VisibilityTimeout=0) for _ in range(2)]
    time.sleep(0.01)  # moto's clock has a resolution of one millisecond

    assert [[message["Body"] for message in found] for found in received] == [["poison"], ["poison"]]
    assert receive(aws, jobs.id) == []
    assert [message["Body"] for message in receive(aws, dead.id)] == ["poison"]


def test_queues_survive_a_restart_and_messages_do_not(tmp_path: Path) -> None:
    """The journal does not grow with messages; an old URL with another port still works."""
    server = start_server(tmp_path)
    aws = Account(ACCOUNT_ID, REGION, server.endpoint)
    url = str(aws.call("sqs", "CreateQueue", QueueName="jobs")["QueueUrl"])
    before = (tmp_path / JOURNAL_FILE).stat().st_size
    aws.call("sqs", "SendMessage", QueueUrl=url, MessageBody="lost")
    receive(aws, url)
    assert (tmp_path / JOURNAL_FILE).stat().st_size == before
    server.stop()

    server = start_server(tmp_path)
    aws = Account(ACCOUNT_ID, REGION, server.endpoint)
    told = aws.call("sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
    aws.call("sqs", "SendMessage", QueueUrl=url, MessageBody="new")

    assert told["ApproximateNumberOfMessages"] == "0"
    assert told["ApproximateNumberOfMessagesNotVisible"] == "0"
    assert [message["Body"] for message in receive(aws, url)] == ["new"]
    server.stop()


def test_a_poll_of_a_missing_queue_is_refused(aws: Account) -> None:
    """The refusal is immediate, with the error of AWS."""
    with pytest.raises(Exception, match=r"NonExistentQueue|does not exist") as refused:
        receive(aws, "http://127.0.0.1/123456789012/none", WaitTimeSeconds=20)

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400  # type: ignore[attr-defined]
