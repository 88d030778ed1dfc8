"""Rules of SQS. All attributes of a queue are strings, which the model does not constrain."""

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.iam import missing_principals
from localcloud.aws.judge.rules.policies import statements
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup
from localcloud.aws.judge.rules.sqs_dead_letters import json_object, redrive_error

_API = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"
# Minimum and maximum of each numeric attribute, from the API reference.
LIMITS: Mapping[str, tuple[int, int]] = {
    "DelaySeconds": (0, 900),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
    "MaximumMessageSize": (1_024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}
_WORDS: Mapping[str, tuple[str, ...]] = {
    "DeduplicationScope": ("messageGroup", "queue"),
    "FifoThroughputLimit": ("perQueue", "perMessageGroupId"),
}
_FIFO_ONLY = ("FifoQueue", "ContentBasedDeduplication", *_WORDS)
# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/sqs/pf-sqs"
_PERMISSIONS = ("allowAll", "denyAll")
_MAX_SOURCES = 10
_MAX_ACTIONS = 7
_MAX_RECEIVES = 1_000
_MAX_DIGITS = 10
_ENDING = ".fifo"


def _value(name: str, value: Any, source: str = _API) -> RefusedError:
    # AWS's message: https://github.com/apache/airflow/issues/65592
    words = f"Invalid value for the parameter {name}."
    return RefusedError("InvalidAttributeValue", words, path=("Attributes", name), value=value, source=source)


def _name(parameters: Parameters) -> Iterator[RefusedError]:
    """Require the suffix `.fifo` in the name of a FIFO queue, and refuse it for any other queue."""
    name, attributes = str(parameters.get("QueueName")), parameters.get("Attributes") or {}
    fifo = attributes.get("FifoQueue", "false")
    if not known(name) or not known(fifo):
        return
    if fifo == "true" and not name.endswith(_ENDING):
        yield RefusedError(
            "InvalidParameterValue",
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with "
            ".fifo suffix and be 1 to 80 in length.",
            path=("QueueName",),
            value=name,
            source="https://github.com/aws-samples/aws-marketplace-serverless-saas-integration/issues/29",
        )
    if fifo != "true" and name.endswith(_ENDING):
        yield RefusedError(
            "InvalidParameterValue",
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
            path=("QueueName",),
            value=name,
            source="https://github.com/amazon-archives/aws-service-operator/issues/196",
        )


def _attributes(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse numbers outside of their limits, and unknown values of enumerations."""
    for name, value in (parameters.get("Attributes") or {}).items():
        if not known(value):
            continue
        if name in LIMITS:
            low, high = LIMITS[name]
            if not low <= _number(value) <= high:
                yield _value(name, value)
        if name in _WORDS and value not in _WORDS[name]:
            yield _value(name, value)


def _encryption(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a KMS key together with SQS-managed encryption."""
    attributes = parameters.get("Attributes") or {}
    if attributes.get("SqsManagedSseEnabled") == "true" and attributes.get("KmsMasterKeyId"):
        words = (
            "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or "
            "SQS SSE."
        )
        yield _together("SqsManagedSseEnabled", "true", words, "sse-exclusive")


def _throughput(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a throughput limit per message group, unless deduplication is also per message group."""
    attributes = parameters.get("Attributes") or {}
    limit, scope = attributes.get("FifoThroughputLimit"), attributes.get("DeduplicationScope", "queue")
    if limit == "perMessageGroupId" and known(scope) and scope != "messageGroup":
        words = (
            "Invalid value for the parameter FifoThroughputLimit. Reason: To set FifoThroughputLimit to "
            "perMessageGroupId, the DeduplicationScope must be messageGroup."
        )
        yield _together("FifoThroughputLimit", limit, words, "high-throughput-pairing")


def _together(name: str, value: str, words: str, topic: str) -> RefusedError:
    path, source = ("Attributes", name), f"{_MEASURED}-{topic}"
    return RefusedError("InvalidAttributeValue", words, path=path, value=value, source=source)


def _fifo_only(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse attributes of FIFO queues for a standard queue."""
    attributes = parameters.get("Attributes") or {}
    # The queue's URL ends in its name.
    fifo = str(parameters.get("QueueUrl", "")).endswith(_ENDING) or attributes.get("FifoQueue") == "true"
    if fifo or not known(parameters.get("QueueUrl")) or not known(attributes.get("FifoQueue")):
        return
    for name in attributes:
        if name in _FIFO_ONLY:
            yield RefusedError(
                "InvalidAttributeName",
                f"Unknown Attribute {name}.",
                path=("Attributes", name),
                value=attributes[name],
                source="https://github.com/trandangtri/sqs-queue-bundle/pull/36",
            )


def _policy(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a policy that is not JSON or has incomplete statements. An empty policy removes the current one."""
    text = (parameters.get("Attributes") or {}).get("Policy")
    if not text or not known(text):
        return
    found = statements(text)
    if found is None or not all(_is_statement(each) for each in found):
        yield _value("Policy", text, "https://github.com/aws/aws-cdk/issues/15602")
    for statement in found or ():
        actions = statement.get("Action")
        if isinstance(actions, list) and len(actions) > _MAX_ACTIONS:
            words = (
                f"{len(actions)} actions were found in a statement from the submitted policy, max allowed is "
                f"{_MAX_ACTIONS}"
            )
            source = "https://github.com/ministryofjustice/cloud-platform-environments/pull/9082"
            yield RefusedError("OverLimit", words, path=("Attributes", "Policy"), value=text, source=source)


def _policy_principals(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a policy that names a role or user that does not exist."""
    text = str((parameters.get("Attributes") or {}).get("Policy") or "")
    for _ in missing_principals(ask, text):
        yield _value("Policy", text, "https://github.com/aws/aws-cdk/issues/13530")


def _is_statement(statement: Mapping[str, Any]) -> bool:
    return (
        statement.get("Effect") in ("Allow", "Deny")
        and ("Principal" in statement or "NotPrincipal" in statement)
        and ("Action" in statement or "NotAction" in statement)
    )


def _redrive(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a dead-letter queue and a valid receive count in a redrive policy."""
    text = (parameters.get("Attributes") or {}).get("RedrivePolicy")
    policy = json_object(text) if text else None
    if not text or (policy is None and not known(text)):
        return
    if policy is None:
        yield redrive_error(text, "Redrive policy is not a valid JSON map.", _API)
        return
    for name in ("maxReceiveCount", "deadLetterTargetArn"):
        if name not in policy:
            reason = f"Redrive policy does not contain mandatory attribute: {name}."
            yield redrive_error(text, reason, "https://github.com/ansible-collections/community.aws/issues/2321")
    count = policy.get("maxReceiveCount")
    if known(count) and not 1 <= _number(count) <= _MAX_RECEIVES:
        reason = f"Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive."
        yield redrive_error(text, reason, "https://github.com/serverless/serverless/issues/5215")


def _redrive_allow(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a redrive allow policy that does not allow all queues, no queues, or one to ten named queues."""
    text = (parameters.get("Attributes") or {}).get("RedriveAllowPolicy")
    if not text or not known(text):
        return
    policy = json_object(text)
    permission, sources = (policy or {}).get("redrivePermission", "allowAll"), (policy or {}).get("sourceQueueArns")
    if permission == "byQueue":
        allowed = isinstance(sources, list) and 1 <= len(sources) <= _MAX_SOURCES
    else:
        allowed = permission in _PERMISSIONS and sources is None
    if policy is None or not allowed:
        yield _value("RedriveAllowPolicy", text)


def _taken(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse to create a queue that exists with other attributes. Creating it again with equal ones is allowed."""
    name = parameters["QueueName"]
    url = lookup(ask, "sqs", "GetQueueUrl", QueueName=name).get("QueueUrl")
    told = lookup(ask, "sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=["All"]) if url else {}
    existing = told.get("Attributes") or {}
    for attribute, value in (parameters.get("Attributes") or {}).items():
        if existing and existing.get(attribute) != value and json_object(value) is None:  # moto compares JSON documents
            yield RefusedError(
                "QueueAlreadyExists",
                f"A queue already exists with the same name and a different value for attribute {attribute}",
                path=("QueueName",),
                value=name,
                source="https://github.com/freeCodeCamp/mail-for-good/issues/159",
            )


def _number(value: Any) -> int:
    """Return a non-negative integer or a string of digits as an int, or -1 for anything else."""
    text = str(value)
    return int(text) if len(text) < _MAX_DIGITS and text.isascii() and text.isdecimal() else -1


_BOTH = (_attributes, _encryption, _fifo_only, _policy, _redrive, _redrive_allow)
REQUEST_RULES: RequestRules = {
    ("sqs", "CreateQueue"): (_name, _throughput, *_BOTH),
    ("sqs", "SetQueueAttributes"): _BOTH,
}
STATE_RULES: StateRules = {
    ("sqs", "CreateQueue"): (_taken, _policy_principals),
    ("sqs", "SetQueueAttributes"): (_policy_principals,),
}
