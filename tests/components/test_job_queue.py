"""The component JobQueue: its resources for given arguments."""

import json

import pytest

from components.job_queue import JobQueue
from tests.support.builders import job_queue_args
from tests.support.fake_outputs import ACCOUNT_ID, REGION
from tests.support.recorder import Recording, record

QUEUE = "aws:sqs/queue:Queue"
ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:"
URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/"


def _queue(**changes: object) -> Recording:
    def program() -> list[object]:
        queue = JobQueue("jobs", job_queue_args(**changes))
        return [queue.queue_url, queue.queue_arn, queue.dead_letter_queue_url]

    return record(program)


@pytest.fixture(scope="module")
def recording() -> Recording:
    """Record the queue with all defaults."""
    return _queue()


def test_failing_messages_become_dead_letters(recording: Recording) -> None:
    """The queue has a dead-letter queue, which accepts messages of no other queue."""
    redrive = json.loads(recording.only(QUEUE, "jobs-queue").inputs["redrivePolicy"])
    allow = recording.only("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy").inputs

    assert redrive == {"deadLetterTargetArn": f"{ARN}jobs-dead-letters", "maxReceiveCount": 5}
    assert allow["queueUrl"] == f"{URL}jobs-dead-letters"
    allowed = {"redrivePermission": "byQueue", "sourceQueueArns": [f"{ARN}jobs-queue"]}
    assert json.loads(allow["redriveAllowPolicy"]) == allowed


def test_dead_letters_are_kept_longer_than_messages(recording: Recording) -> None:
    """SQS counts their age from the first sending, so a shorter retention would delete them unseen."""
    queue, dead = recording.only(QUEUE, "jobs-queue").inputs, recording.only(QUEUE, "jobs-dead-letters").inputs

    assert (queue["messageRetentionSeconds"], dead["messageRetentionSeconds"]) == (345_600, 1_209_600)
    assert "redrivePolicy" not in dead
    assert (queue["receiveWaitTimeSeconds"], queue["visibilityTimeoutSeconds"]) == (20, 60)


def test_both_queues_are_encrypted_with_their_own_key(recording: Recording) -> None:
    """The key is rotated."""
    key = recording.only("aws:kms/key:Key")

    assert key.inputs["enableKeyRotation"] is True
    keys = {queue.inputs["kmsMasterKeyId"] for queue in recording.all(QUEUE)}
    assert keys == {f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/{key.name}"}


def test_requests_without_tls_are_denied(recording: Recording) -> None:
    """Each queue's policy denies them for all principals, and allows nothing."""
    policies = [json.loads(each.inputs["policy"]) for each in recording.all("aws:sqs/queuePolicy:QueuePolicy")]

    statements = [statement for policy in policies for statement in policy["Statement"]]
    assert {statement["Effect"] for statement in statements} == {"Deny"}
    assert [statement["Resource"] for statement in statements] == [f"{ARN}jobs-dead-letters", f"{ARN}jobs-queue"]
    assert all(statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for statement in statements)


def test_the_role_has_the_permissions_of_a_worker_only(recording: Recording) -> None:
    """They are for these two queues and this key."""
    permission = recording.only("aws:iam/rolePolicy:RolePolicy").inputs

    on_queues, on_key = json.loads(permission["policy"])["Statement"]
    assert permission["role"] == "api-role"
    assert sorted(on_queues["Action"]) == [
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    ]
    assert on_queues["Resource"] == [f"{ARN}jobs-queue", f"{ARN}jobs-dead-letters"]
    assert (sorted(on_key["Action"]), on_key["Resource"].rpartition("/")[2]) == (
        ["kms:Decrypt", "kms:GenerateDataKey"],
        "jobs-key",
    )


def test_outputs_the_urls_of_the_queues(recording: Recording) -> None:
    """Clients use queues by URL."""
    assert recording.result == [f"{URL}jobs-queue", f"{ARN}jobs-queue", f"{URL}jobs-dead-letters"]


def test_passes_on_the_numbers_of_the_arguments() -> None:
    """They are the receive count, the visibility timeout, and both retentions."""
    changed = _queue(max_receive_count=3, visibility_timeout_seconds=90, retention_days=1, dead_letter_retention_days=2)

    queue = changed.only(QUEUE, "jobs-queue").inputs
    assert json.loads(queue["redrivePolicy"])["maxReceiveCount"] == 3
    assert (queue["visibilityTimeoutSeconds"], queue["messageRetentionSeconds"]) == (90, 86_400)
    assert changed.only(QUEUE, "jobs-dead-letters").inputs["messageRetentionSeconds"] == 172_800


@pytest.mark.parametrize("protect", [True, False])
def test_protection(protect: bool) -> None:
    """Both queues and their key are protected together; resources without data are not."""
    recording = _queue(protect=protect)

    assert {each.protect for each in [*recording.all(QUEUE), recording.only("aws:kms/key:Key")]} == {protect}
    assert not recording.only("aws:iam/rolePolicy:RolePolicy").protect
