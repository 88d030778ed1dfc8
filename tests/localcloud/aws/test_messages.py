"""What goes through queues: not journaled, and waited for without keeping others from the account."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from localcloud.aws.account import Account
from localcloud.aws.server import JOURNAL_FILE, AwsServer
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Stack, start_server

GENEROUS_SECONDS = 15  # a poll's own limit is 20


@pytest.fixture
def aws(server: AwsServer) -> Account:
    return Account(ACCOUNT_ID, REGION, server.endpoint)


@pytest.fixture
def url(aws: Account) -> str:
    """A queue whose polls wait for as long as SQS lets them, unless they say otherwise."""
    attributes = {"ReceiveMessageWaitTimeSeconds": "20"}
    return str(aws.call("sqs", "CreateQueue", QueueName="jobs", Attributes=attributes)["QueueUrl"])


def receive(aws: Account, url: str, **more: Any) -> list[dict[str, Any]]:
    return list(aws.call("sqs", "ReceiveMessage", QueueUrl=url, **more).get("Messages", []))


def test_a_waiting_poll_lets_others_work_and_is_woken(aws: Account, url: str) -> None:
    """Two clients are served while it waits; it answers when the message is there, not when its time is up."""
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


def test_a_poll_that_finds_nothing_ends_when_its_time_is_up(aws: Account, url: str) -> None:
    """A second is waited, and zero is not, whatever the queue's own default."""
    began = time.monotonic()
    assert receive(aws, url, WaitTimeSeconds=1) == []
    waited = time.monotonic() - began
    began = time.monotonic()
    assert receive(aws, url, WaitTimeSeconds=0) == []

    assert waited >= 1
    assert time.monotonic() - began < GENEROUS_SECONDS


def test_a_message_that_comes_back_ends_a_poll(aws: Account, url: str) -> None:
    """No message wakes it then, so it polls."""
    aws.call("sqs", "SendMessage", QueueUrl=url, MessageBody="again")
    (first,) = receive(aws, url, VisibilityTimeout=1)

    began = time.monotonic()
    (second,) = receive(aws, url)

    assert first["MessageId"] == second["MessageId"]
    assert time.monotonic() - began < GENEROUS_SECONDS


def test_every_message_is_another_and_goes_to_one(aws: Account, url: str) -> None:
    """Ids are not drawn from a request's number here; and of many polls at once each message reaches one."""
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


def test_what_fails_too_often_is_a_dead_letter(server: AwsServer, stack: Stack, aws: Account) -> None:
    """After as many receives as the queue allows, it is in the other queue."""
    dead = stack.create("aws:sqs/queue:Queue", "dead")
    redrive = f'{{"deadLetterTargetArn": "{dead.outputs["arn"]}", "maxReceiveCount": 2}}'
    jobs = stack.create("aws:sqs/queue:Queue", "jobs", redrivePolicy=redrive)
    aws.call("sqs", "SendMessage", QueueUrl=jobs.id, MessageBody="poison")

    received = [receive(aws, jobs.id, VisibilityTimeout=0) for _ in range(2)]
    time.sleep(0.01)  # moto's clock counts whole milliseconds

    assert [[message["Body"] for message in found] for found in received] == [["poison"], ["poison"]]
    assert receive(aws, jobs.id) == []
    assert [message["Body"] for message in receive(aws, dead.id)] == ["poison"]


def test_queues_outlive_a_restart_and_messages_do_not(tmp_path: Path) -> None:
    """The journal does not grow with messages; an old URL, of another port, serves on."""
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


def test_a_refusal_is_the_clients(aws: Account) -> None:
    """It comes at once, as AWS words it."""
    with pytest.raises(Exception, match=r"NonExistentQueue|does not exist") as refused:
        receive(aws, "http://127.0.0.1/123456789012/none", WaitTimeSeconds=20)

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400  # type: ignore[attr-defined]
