"""SQS for tests, emulated by moto on loopback, with a queue and its dead-letter queue."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"
MAX_RECEIVE_COUNT = 20
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class TestQueue:
    """Access of a test to the queue, besides that of the service."""

    __test__ = False

    def __init__(self, endpoint: str, name: str) -> None:
        self.endpoint = endpoint
        self.sqs: Any = boto3.client(
            "sqs",
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        self.dead_url: str = self.sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.dead_url, AttributeNames=["QueueArn"])["Attributes"]
        redrive = {"deadLetterTargetArn": arn["QueueArn"], "maxReceiveCount": MAX_RECEIVE_COUNT}
        self.url: str = self.sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": json.dumps(redrive)})[
            "QueueUrl"
        ]

    def environment(self, endpoint: str | None = None) -> dict[str, str]:
        """Return the environment of a process that uses the queue; `endpoint` is that of a proxy."""
        return {
            **ENVIRONMENT,
            "AWS_ENDPOINT_URL": endpoint or self.endpoint,
            "QUEUE_URL": self.url,
            "DEAD_LETTER_QUEUE_URL": self.dead_url,
        }

    def send(self, body: object) -> None:
        """Send a message; values other than text are sent as JSON."""
        text = body if isinstance(body, str) else json.dumps(body)
        self.sqs.send_message(QueueUrl=self.url, MessageBody=text)

    def send_job(self, id: object) -> None:
        """Send the message of a job."""
        self.send({"job_id": str(id)})

    def purge(self) -> None:
        """Delete all messages."""
        self.sqs.purge_queue(QueueUrl=self.url)

    def count(self, url: str | None = None) -> int:
        """Return the number of visible and hidden messages."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=url or self.url, AttributeNames=names)["Attributes"]
        return sum(int(value) for value in found.values())

    def dead(self) -> int:
        """Return the number of dead letters."""
        return self.count(self.dead_url)


@contextmanager
def moto_server() -> Iterator[str]:
    """Yield the URL of an empty moto server."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def use(monkeypatch: pytest.MonkeyPatch, queue: TestQueue, endpoint: str | None = None) -> None:
    """Configure AWS clients of this process for the queue, without profiles of the user."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in queue.environment(endpoint).items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
