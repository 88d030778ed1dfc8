"""Rules between parameters: the nearest valid request passes, and the one beyond it is refused with AWS's code."""

from typing import Any

import pytest

from localcloud.aws.judge import rules
from localcloud.aws.judge.refusal import RefusedError

CREATE = ("rds", "CreateDBInstance")
MODIFY = ("rds", "ModifyDBParameterGroup")
DELETE = ("secretsmanager", "DeleteSecret")


def parameter(name: str, method: str) -> dict[str, Any]:
    return {"Parameters": [{"ParameterName": name, "ParameterValue": "1", "ApplyMethod": method}]}


CASES = [
    (CREATE, {"BackupRetentionPeriod": 35}, {"BackupRetentionPeriod": 36}, "InvalidParameterValue"),
    (CREATE, {"BackupRetentionPeriod": 0}, {"BackupRetentionPeriod": -1}, "InvalidParameterValue"),
    (
        CREATE,
        {"AllocatedStorage": 20, "MaxAllocatedStorage": 21},
        {"AllocatedStorage": 20, "MaxAllocatedStorage": 20},
        "InvalidParameterCombination",
    ),
    (
        MODIFY,
        parameter("max_connections", "pending-reboot"),
        parameter("max_connections", "immediate"),
        "InvalidParameterCombination",
    ),
    (
        MODIFY,
        parameter("log_min_duration_statement", "immediate"),
        parameter("shared_buffers", "immediate"),
        "InvalidParameterCombination",
    ),
    (DELETE, {"RecoveryWindowInDays": 7}, {"RecoveryWindowInDays": 6}, "InvalidParameterException"),
    (DELETE, {"RecoveryWindowInDays": 30}, {"RecoveryWindowInDays": 31}, "InvalidParameterException"),
]


@pytest.mark.parametrize(("request_", "good", "bad", "code"), CASES)
def test_a_rule_between_parameters(
    request_: tuple[str, str], good: dict[str, Any], bad: dict[str, Any], code: str
) -> None:
    """Each refusal names its source."""
    rules.check(*request_, good, None)
    with pytest.raises(RefusedError) as refused:
        rules.check(*request_, bad, None)

    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.source.startswith("https://docs.aws.amazon.com/")
    assert refused.value.operation_name == request_[1]
