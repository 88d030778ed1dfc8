"""Rule: a queue is encrypted and has a dead-letter queue for messages that cannot be processed.

Anchors: AWS-0096, CKV_AWS_27, SQS.1.
"""

from collections.abc import Iterator, Mapping, Sequence

from pulumi_policy import Severity

from infra.policy.rule import stack_rule
from infra.resources.properties import UNKNOWN, at, document, unset
from infra.resources.resource import Resource

QUEUE = "aws:sqs/queue:Queue"
# Resource type -> property with the policy for sending dead letters (REDRIVE) or receiving them (ALLOW).
REDRIVE = {QUEUE: "redrivePolicy", "aws:sqs/redrivePolicy:RedrivePolicy": "redrivePolicy"}
ALLOW = {QUEUE: "redriveAllowPolicy", "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": "redriveAllowPolicy"}


def check(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield unencrypted queues, and queues that neither have nor are a dead-letter queue."""
    for queue in resources:
        if queue.type != QUEUE:
            continue
        managed = queue.properties.get("sqsManagedSseEnabled")
        if unset(queue.properties.get("kmsMasterKeyId")) and managed not in (True, UNKNOWN):
            yield queue, "neither kmsMasterKeyId is set nor sqsManagedSseEnabled true"
        if not _says(queue, resources, REDRIVE) and not _says(queue, resources, ALLOW) and not _takes(queue, resources):
            yield (
                queue,
                "no redrivePolicy, so a message that cannot be processed is received repeatedly until it expires",
            )


def _says(queue: Resource, resources: Sequence[Resource], where: Mapping[str, str]) -> bool:
    """Return whether a queue has a policy, which may be unknown, in its own property or in a separate resource."""
    return any(
        not unset(each.properties.get(where[each.type])) and (each is queue or _is_for(each, queue))
        for each in resources
        if each.type in where
    )


def _is_for(each: Resource, queue: Resource) -> bool:
    """Return whether a resource is for a queue, by dependency or by URL.

    The URL of a queue is unknown before its creation, so the dependency is checked first.
    """
    if queue.urn in each.dependencies.get("queueUrl", []):
        return True
    url = each.properties.get("queueUrl")
    return isinstance(url, str) and url in (queue.properties.get("url"), queue.properties.get("id"))


def _takes(queue: Resource, resources: Sequence[Resource]) -> bool:
    """Return whether another queue sends, or may send, its dead letters to this queue, by dependency or by ARN."""
    arn = queue.properties.get("arn")
    for each in resources:
        if each.type not in REDRIVE:
            continue
        sources = each.dependencies.get("redrivePolicy", [])
        target = at(document(each.properties.get("redrivePolicy")), "deadLetterTargetArn")
        if queue.urn in sources or (target is UNKNOWN and not sources) or (isinstance(target, str) and target == arn):
            return True
    return False


RULE = stack_rule(
    name="aws-sqs-encrypted-with-dead-letters",
    severity=Severity.HIGH,
    description="Every queue must be encrypted and have a dead-letter queue.",
    remedy="set kmsMasterKeyId (or sqsManagedSseEnabled), and a redrivePolicy that names another queue",
    check=check,
)
