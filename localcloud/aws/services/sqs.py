"""SQS queues, queue policies and redrive allow policies."""

from typing import Any, ClassVar

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource, Tagging
from localcloud.protocol.values import Properties

# Pulumi's property -> SQS's attribute. All values are strings in requests.
ATTRIBUTES = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}
_BOOLEANS = {"contentBasedDeduplication", "fifoQueue", "sqsManagedSseEnabled"}
_TEXTS = {"kmsMasterKeyId", "policy", "redriveAllowPolicy", "redrivePolicy"}
_WORDS = {"deduplicationScope", "fifoThroughputLimit"}
# Separate resources can set these. The queue manages them only if its inputs contain them.
_DOCUMENTS = {"policy", "redriveAllowPolicy", "redrivePolicy"}
_FIFO_ONLY = {"contentBasedDeduplication", "fifoQueue", *_WORDS}


_GONE = {"AWS.SimpleQueueService.NonExistentQueue": (), "QueueDoesNotExist": ()}


class Queue(Resource):
    """A queue. Its id is its URL. The port can change after a restart, but SQS only uses the path."""

    type = "aws:sqs/queue:Queue"
    gone = _GONE
    recorded = "encryption; messages are kept in memory only"
    service = "sqs"
    autoname = "name"
    replaces = ("fifoQueue", "namePrefix")
    defaults = {
        "delaySeconds": 0,
        "fifoQueue": False,
        "contentBasedDeduplication": False,
        "messageRetentionSeconds": 345_600,
        "receiveWaitTimeSeconds": 0,
        "visibilityTimeoutSeconds": 30,
    }
    renames = {"name": "QueueName", **ATTRIBUTES}
    tagging = Tagging(add="TagQueue", remove="UntagQueue", target="QueueUrl", form="map")
    delete_operation = "DeleteQueue"
    id_parameter = "QueueUrl"

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the queue with all attributes."""
        tags = {"tags": inputs["tagsAll"]} if inputs.get("tagsAll") else {}
        attributes = _attributes(inputs, {key for key in inputs if inputs[key] not in (None, "")})
        answer = aws.call("sqs", "CreateQueue", QueueName=inputs["name"], Attributes=attributes, **tags)
        return str(answer["QueueUrl"])

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the state without the numbers of messages, which are not drift."""
        told = aws.call("sqs", "GetQueueAttributes", QueueUrl=id_, AttributeNames=["All"])["Attributes"]
        state: Properties = {
            ours: _value(ours, told[theirs])
            for ours, theirs in ATTRIBUTES.items()
            if theirs in told and (ours not in _DOCUMENTS or ours in inputs)
        }
        # SQS does not return attributes that are not set.
        missing = {ours: None for ours in _TEXTS & set(inputs) if ours not in state}
        tags = aws.call("sqs", "ListQueueTags", QueueUrl=id_).get("Tags", {})
        arn = str(told["QueueArn"])
        return {**state, **missing, "arn": arn, "url": id_, "name": arn.rpartition(":")[2], "tagsAll": tags}

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Set the changed attributes. A string attribute that was removed is set to an empty string."""
        attributes = _attributes(dict.fromkeys(_TEXTS, "") | new, changed)
        if attributes:
            aws.call("sqs", "SetQueueAttributes", QueueUrl=id_, Attributes=attributes)


class QueueDocument(Resource):
    """A policy document of a queue as a separate resource. Its id is the URL of the queue."""

    service = "sqs"
    gone = _GONE
    replaces = ("queueUrl",)
    renames = ATTRIBUTES
    document: ClassVar[str]

    def create(self, aws: Account, inputs: Properties) -> str:
        """Set the document."""
        self.update(aws, inputs["queueUrl"], {}, inputs, {self.document})
        return str(inputs["queueUrl"])

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the state, or None if the queue has no such document."""
        told = aws.call("sqs", "GetQueueAttributes", QueueUrl=id_, AttributeNames=["All"])["Attributes"]
        text = told.get(ATTRIBUTES[self.document])
        return {"queueUrl": id_, self.document: text} if text else None

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Replace the document."""
        if self.document in changed:
            attributes = {ATTRIBUTES[self.document]: new[self.document]}
            aws.call("sqs", "SetQueueAttributes", QueueUrl=id_, Attributes=attributes)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Remove the document from the queue."""
        aws.call("sqs", "SetQueueAttributes", QueueUrl=id_, Attributes={ATTRIBUTES[self.document]: ""})


class QueuePolicy(QueueDocument):
    """The policy of a queue."""

    type = "aws:sqs/queuePolicy:QueuePolicy"
    document = "policy"


class RedriveAllowPolicy(QueueDocument):
    """The redrive allow policy of a queue: which queues may use it as their dead-letter queue."""

    type = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"
    recorded = "refusing other queues"
    document = "redriveAllowPolicy"


def _attributes(inputs: Properties, names: set[str]) -> dict[str, str]:
    fifo = bool(inputs.get("fifoQueue"))
    return {
        theirs: _wire(inputs[ours])
        for ours, theirs in ATTRIBUTES.items()
        if ours in names and ours in inputs and (fifo or ours not in _FIFO_ONLY or inputs[ours])
    }


def _wire(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) else str(value)


def _value(name: str, text: str) -> Any:
    if name in _BOOLEANS:
        return text == "true"
    return text if name in _TEXTS | _WORDS else int(text)


TYPES: tuple[type[Resource], ...] = (Queue, QueuePolicy, RedriveAllowPolicy)
