"""Rules of SQS about the dead-letter queue of a queue."""

import json
from collections.abc import Iterator
from typing import Any

from localcloud.aws.judge.refusal import RefusedError
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup, region_of

_GUIDE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide"
_ENDING = ".fifo"


def _dead_letters(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a dead-letter queue that does not exist in this account and region, or is of another type."""
    attributes = parameters.get("Attributes") or {}
    text = attributes.get("RedrivePolicy")
    target = str(((json_object(text) if text else None) or {}).get("deadLetterTargetArn", ""))
    if not text or not target:
        return
    name = target.rpartition(":")[2]
    if name.endswith(_ENDING) != str(parameters.get("QueueName") or parameters.get("QueueUrl")).endswith(_ENDING):
        reason = "Dead-letter queue must be same type of queue as the source."
        yield redrive_error(text, reason, "https://github.com/awslabs/aws-solutions-constructs/issues/342")
    if target.split(":")[3:4] != [region_of(ask)]:
        yield redrive_error(text, "Dead letter target does not exist.", f"{_GUIDE}/sqs-dead-letter-queues.html")
    url = lookup(ask, "sqs", "GetQueueUrl", QueueName=name).get("QueueUrl") if name else None
    told = lookup(ask, "sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=["QueueArn"]) if url else {}
    if (told.get("Attributes") or {}).get("QueueArn") != target:
        reason = "Dead letter target does not exist."
        yield redrive_error(text, reason, "https://github.com/serverless/serverless/issues/5215")


def redrive_error(text: str, reason: str, source: str) -> RefusedError:
    """Return the error for a redrive policy."""
    return RefusedError(
        "InvalidParameterValue",
        f"Value {text} for parameter RedrivePolicy is invalid. Reason: {reason}",
        path=("Attributes", "RedrivePolicy"),
        value=text,
        source=source,
    )


def json_object(text: str) -> dict[str, Any] | None:
    """Return the JSON object of a text, or None if it is not one."""
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return None
    return found if isinstance(found, dict) else None


REQUEST_RULES: RequestRules = {}
STATE_RULES: StateRules = {
    ("sqs", "CreateQueue"): (_dead_letters,),
    ("sqs", "SetQueueAttributes"): (_dead_letters,),
}
