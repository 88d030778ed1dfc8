"""aws-sqs-encrypted-with-dead-letters."""

from typing import Any

import pytest

from infra.policy.rules.sqs_encrypted_with_dead_letters import RULE
from tests.infra.policy.compliant import DEAD_LETTERS, QUEUE
from tests.infra.policy.judge import ABSENT, Given, violations


def test_accepts_a_queue_and_its_dead_letters_by_arn() -> None:
    """The dead-letter queue needs no dead-letter queue itself."""
    assert violations(RULE, QUEUE, DEAD_LETTERS) == []


def test_accepts_a_queue_and_its_dead_letters_by_dependency() -> None:
    """Before the queues are created the ARN is unknown, and only the dependency connects them."""
    new = DEAD_LETTERS.but("arn", ABSENT)
    queue = QUEUE.unknown_at("redrivePolicy")
    queue = Given(type=queue.type, name=queue.name, properties=queue.properties, depends={"redrivePolicy": new.name})

    assert violations(RULE, queue, new) == []


@pytest.mark.parametrize(
    ("type_", "document"),
    [
        ("aws:sqs/redrivePolicy:RedrivePolicy", "redrivePolicy"),
        ("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "redriveAllowPolicy"),
    ],
)
@pytest.mark.parametrize("known", [True, False], ids=["url", "dependency"])
def test_accepts_a_redrive_policy_as_a_separate_resource(type_: str, document: str, known: bool) -> None:
    """It refers to its queue by URL or by dependency; one with a RedriveAllowPolicy is a dead-letter queue."""
    queue = DEAD_LETTERS.but("url", "https://queues.example/jobs")
    properties = {"queueUrl": "https://queues.example/jobs" if known else "", document: "{}"}
    policy = Given(type=type_, properties=properties, depends={} if known else {"queueUrl": queue.name})

    assert violations(RULE, queue, policy) == []


@pytest.mark.parametrize("value", [ABSENT, ""])
def test_rejects_a_queue_without_dead_letters(value: Any) -> None:
    """The message names the queue."""
    [message] = violations(RULE, QUEUE.but("redrivePolicy", value))

    assert message.startswith("jobs (aws:sqs/queue:Queue): no redrivePolicy")


def test_rejects_a_queue_whose_policy_is_for_another() -> None:
    """Neither a policy for another queue is enough, nor a dead-letter queue that no queue names."""
    other = Given(
        type="aws:sqs/redrivePolicy:RedrivePolicy",
        properties={"queueUrl": "https://queues.example/other", "redrivePolicy": "{}"},
    )

    assert len(violations(RULE, QUEUE.but("redrivePolicy", ABSENT), other)) == 1
    assert len(violations(RULE, QUEUE, DEAD_LETTERS.but("arn", "arn:aws:sqs:eu-central-1:123456789012:other"))) == 1


def test_accepts_encryption_by_sqs_itself() -> None:
    """A customer managed key is not required."""
    managed = QUEUE.but("kmsMasterKeyId", ABSENT).but("sqsManagedSseEnabled", True)

    assert violations(RULE, managed) == []


@pytest.mark.parametrize("managed", [None, False])
def test_rejects_an_unencrypted_queue(managed: Any) -> None:
    """The rule does not rely on AWS's default."""
    [message] = violations(RULE, QUEUE.but("kmsMasterKeyId", ABSENT).but("sqsManagedSseEnabled", managed))

    assert "neither kmsMasterKeyId is set nor sqsManagedSseEnabled true" in message
