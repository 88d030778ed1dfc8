"""Limits of queue attributes from SQS's documentation; all other values are refused."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.aws.judge import rules
from localcloud.aws.judge.refusal import RefusedError
from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/jobs"
DEAD = "arn:aws:sqs:eu-central-1:123456789012:dead"
# Attribute, minimum, maximum.
NUMBERS = [
    ("DelaySeconds", 0, 900),
    ("KmsDataKeyReusePeriodSeconds", 60, 86_400),
    ("MaximumMessageSize", 1_024, 1_048_576),
    ("MessageRetentionPeriod", 60, 1_209_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 20),
    ("VisibilityTimeout", 0, 43_200),
]


def answer(attributes: dict[str, str], url: str = URL) -> str:
    """Return the code of the refusal, or "" if the attributes are accepted."""
    try:
        rules.check("sqs", "SetQueueAttributes", {"QueueUrl": url, "Attributes": attributes}, None)
    except RefusedError as refused:
        return str(refused.response["Error"]["Code"])
    return ""


@pytest.mark.parametrize(("name", "low", "high"), NUMBERS)
@settings(max_examples=20)
@given(data=st.data())
def test_validates_the_limits_of_a_number(name: str, low: int, high: int, data: st.DataObject) -> None:
    """Both limits are accepted; values beyond them and other texts are refused."""
    inside = data.draw(st.integers(low, high) | st.sampled_from([low, high]))
    outside = data.draw(st.integers(max_value=low - 1) | st.integers(min_value=high + 1))

    assert answer({name: str(inside)}) == ""
    assert answer({name: str(outside)}) == "InvalidAttributeValue"
    assert answer({name: data.draw(st.sampled_from(["", "ten", "1.5", "٣", "9" * 5000]))}) == "InvalidAttributeValue"


@pytest.mark.parametrize("name", [name for name, _, _ in NUMBERS])
def test_accepts_an_unknown_number(name: str) -> None:
    assert answer({name: UNKNOWN}) == ""


STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
POLICIES = [
    ("", ""),
    (json.dumps({"Statement": STATEMENT}), ""),
    (json.dumps({"Statement": [STATEMENT]}), ""),
    (f'{{"Statement": [{UNKNOWN}]}}', ""),
    ("allow", "InvalidAttributeValue"),
    ("[]", "InvalidAttributeValue"),
    ("{}", "InvalidAttributeValue"),
    (json.dumps({"Statement": []}), "InvalidAttributeValue"),
    (json.dumps({"Statement": ["allow"]}), "InvalidAttributeValue"),
    (json.dumps({"Statement": {**STATEMENT, "Effect": "allow"}}), "InvalidAttributeValue"),
    *(
        (
            json.dumps({"Statement": {key: text for key, text in STATEMENT.items() if key != missing}}),
            "InvalidAttributeValue",
        )
        for missing in ("Effect", "Principal", "Action")
    ),
]


@pytest.mark.parametrize(("text", "code"), POLICIES)
def test_a_policy_is_json_with_complete_statements(text: str, code: str) -> None:
    """An empty policy removes it, and a single statement needs no list."""
    assert answer({"Policy": text}) == code


def redrive(**changes: Any) -> str:
    document = {"deadLetterTargetArn": DEAD, "maxReceiveCount": 3, **changes}
    return json.dumps({key: value for key, value in document.items() if value is not None})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", ""),
        (UNKNOWN, ""),
        (redrive(), ""),
        (redrive(maxReceiveCount="3"), ""),
        (redrive(maxReceiveCount=1), ""),
        (redrive(maxReceiveCount=1000), ""),
        (redrive(maxReceiveCount=0), "InvalidParameterValue"),
        (redrive(maxReceiveCount=1001), "InvalidParameterValue"),
        (redrive(maxReceiveCount=-1), "InvalidParameterValue"),
        (redrive(maxReceiveCount="many"), "InvalidParameterValue"),
        (redrive(maxReceiveCount=None), "InvalidParameterValue"),
        (redrive(deadLetterTargetArn=None), "InvalidParameterValue"),
        (redrive(deadLetterTargetArn=UNKNOWN, maxReceiveCount=1000), ""),
        (redrive(deadLetterTargetArn=UNKNOWN, maxReceiveCount=1001), "InvalidParameterValue"),
        (redrive(maxReceiveCount=UNKNOWN), ""),
        ("[]", "InvalidParameterValue"),
        (DEAD, "InvalidParameterValue"),
    ],
)
def test_a_redrive_policy_has_a_queue_and_a_count(text: str, code: str) -> None:
    assert answer({"RedrivePolicy": text}) == code


ARNS = [f"{DEAD}-{number}" for number in range(11)]


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ({"redrivePermission": "allowAll"}, ""),
        ({"redrivePermission": "denyAll"}, ""),
        ({"redrivePermission": "byQueue", "sourceQueueArns": ARNS[:10]}, ""),
        ({"redrivePermission": "byQueue", "sourceQueueArns": ARNS}, "InvalidAttributeValue"),
        ({"redrivePermission": "byQueue", "sourceQueueArns": []}, "InvalidAttributeValue"),
        ({"redrivePermission": "byQueue"}, "InvalidAttributeValue"),
        ({"redrivePermission": "allowAll", "sourceQueueArns": ARNS[:1]}, "InvalidAttributeValue"),
        ({"redrivePermission": "allow"}, "InvalidAttributeValue"),
        (["allowAll"], "InvalidAttributeValue"),
    ],
)
def test_validates_a_redrive_allow_policy(policy: Any, code: str) -> None:
    """It names up to ten queues, and only with `byQueue`."""
    assert answer({"RedriveAllowPolicy": json.dumps(policy)}) == code


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("ContentBasedDeduplication", "true", None),
        ("DeduplicationScope", "messageGroup", "group"),
        ("FifoThroughputLimit", "perMessageGroupId", "perGroup"),
    ],
)
def test_validates_attributes_of_fifo_queues(name: str, right: str, wrong: str | None) -> None:
    """A standard queue does not have them."""
    assert answer({name: right}, f"{URL}.fifo") == ""
    assert answer({name: right}) == "InvalidAttributeName"
    assert answer({name: right}, UNKNOWN) == ""
    if wrong:
        assert answer({name: wrong}, f"{URL}.fifo") == "InvalidAttributeValue"


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"SqsManagedSseEnabled": "true"}, ""),
        ({"KmsMasterKeyId": "alias/key", "SqsManagedSseEnabled": "false"}, ""),
        ({"KmsMasterKeyId": UNKNOWN, "SqsManagedSseEnabled": "true"}, "InvalidAttributeValue"),
        ({"FifoThroughputLimit": "perMessageGroupId", "DeduplicationScope": "messageGroup"}, ""),
        ({"FifoThroughputLimit": "perMessageGroupId", "DeduplicationScope": UNKNOWN}, ""),
        ({"FifoThroughputLimit": "perMessageGroupId", "DeduplicationScope": "queue"}, "InvalidAttributeValue"),
        ({"FifoThroughputLimit": "perMessageGroupId"}, "InvalidAttributeValue"),
        ({"FifoThroughputLimit": "perQueue"}, ""),
    ],
    ids=str,
)
def test_validates_attributes_that_depend_on_each_other(attributes: dict[str, str], code: str) -> None:
    request = {"QueueName": "q.fifo", "Attributes": {"FifoQueue": "true", **attributes}}

    assert verdict("sqs", "CreateQueue", request) == code
