"""The Pulumi property that a refusal names."""

from typing import Any

import pytest

from localcloud.aws.judge.refusal import property_of, property_path

RULES = {
    "rules": [
        {"id": "a", "status": "Enabled", "expiration": {"days": 1}},
        {"id": "b", "status": "Enabled", "expiration": {"days": 0}},
        {"id": "c", "status": "Enabled", "expiration": {"days": 0}},
    ]
}
ENDPOINT = {"subnetIds": ["subnet-1", "subnet-2"], "tags": {"Name": "sqs"}}
AUTO_MODE = {"storageConfig": {"blockStorage": {"enabled": True}}, "computeConfig": {"enabled": True}}
# Inputs, AWS's path, refused value; property.
PATHS: list[tuple[dict[str, Any], tuple[str | int, ...], Any, str]] = [
    (RULES, ("LifecycleConfiguration", "Rules", 1, "Expiration", "Days"), 0, "rules[1].expiration.days"),
    (RULES, ("LifecycleConfiguration", "Rules", 2, "Expiration", "Days"), 0, "rules[2].expiration.days"),
    (RULES, ("LifecycleConfiguration", "Rules", 2), RULES["rules"][2], "rules[2]"),
    (RULES, ("LifecycleConfiguration", "Rules"), None, "rules"),
    (ENDPOINT, ("SubnetIds", 1), "subnet-2", "subnetIds[1]"),
    (ENDPOINT, ("SubnetIds",), None, "subnetIds"),
    (ENDPOINT, ("TagSpecifications", 0, "Tags", 0, "Key"), "Name", "tags"),
    ({"name": "jobs"}, ("QueueName",), "jobs", "name"),
    ({"name": "jobs", "other": "jobs"}, ("QueueName",), "jobs", "QueueName"),
    (AUTO_MODE, ("computeConfig", "enabled"), True, "computeConfig.enabled"),
    (AUTO_MODE, ("storageConfig", "blockStorage", "enabled"), True, "storageConfig.blockStorage.enabled"),
    ({"engine": "postgres"}, ("MonitoringRoleArn",), None, "monitoringRoleArn"),
    ({"visibilityTimeoutSeconds": 43201}, ("Attributes", "VisibilityTimeout"), "43201", "visibilityTimeoutSeconds"),
]


@pytest.mark.parametrize(("inputs", "path", "value", "expected"), PATHS)
def test_finds_the_property_of_a_parameter(
    inputs: dict[str, Any], path: tuple[str | int, ...], value: Any, expected: str
) -> None:
    """It is found by name and value, with the index in a list; otherwise AWS's path is used."""
    assert property_path(inputs, path, value, {}) == expected


def test_finds_the_property_of_an_error_code() -> None:
    """S3 and SQS do not name the missing bucket or queue."""
    assert property_of({"bucket": "logs"}, "NoSuchBucket") == "bucket"
    assert property_of({"queueUrl": "https://sqs/jobs"}, "AWS.SimpleQueueService.NonExistentQueue") == "queueUrl"
    assert property_of({"queueUrl": "https://sqs/jobs"}, "NoSuchBucket") == ""
    assert property_of({"bucket": "logs"}, "AccessDenied") == ""
