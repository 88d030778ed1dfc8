"""The component PodLogs: its resources for given arguments."""

import json

from components._iam import write_logs
from components.pod_logs import PodLogs, log_group_names
from tests.support.builders import pod_logs_args
from tests.support.fake_outputs import ACCOUNT_ID
from tests.support.recorder import Recording, record

GROUPS = [f"/aws/containerinsights/drydock-test/{kind}" for kind in ("application", "dataplane", "host")]


def recorded(**changes: object) -> Recording:
    return record(lambda: PodLogs("logs", pod_logs_args(**changes)).application_log_group)


def test_groups_are_those_that_the_addon_writes_to() -> None:
    """Their names are fixed in the add-on, which would create them with unlimited retention."""
    groups = recorded(log_retention_days=90).all("aws:cloudwatch/logGroup:LogGroup")

    assert sorted(group.inputs["name"] for group in groups) == GROUPS
    assert {group.inputs["retentionInDays"] for group in groups} == {90}
    assert all(group.protect for group in groups)
    assert not any(group.protect for group in recorded(protect=False).all("aws:cloudwatch/logGroup:LogGroup"))


def test_addon_sends_logs_and_nothing_else() -> None:
    """Metrics and traces are off, because they have additional prices."""
    addon = recorded().only("aws:eks/addon:Addon").inputs

    assert (addon["addonName"], addon["addonVersion"]) == ("amazon-cloudwatch-observability", "v6.3.0-eksbuild.1")
    assert json.loads(addon["configurationValues"]) == {
        "containerLogs": {"enabled": True},
        "containerInsights": {"enabled": False},
        "applicationSignals": {"enabled": False},
    }


def test_the_role_may_write_to_these_groups_only() -> None:
    """It may not create groups, and not read."""
    (statement,) = json.loads(write_logs(log_group_names("a"), region="eu-central-1", account_id=ACCOUNT_ID))[
        "Statement"
    ]

    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert sorted(statement["Resource"]) == sorted(
        f"arn:aws:logs:eu-central-1:{ACCOUNT_ID}:log-group:/aws/containerinsights/a/{kind}:*"
        for kind in ("application", "dataplane", "host")
    )
