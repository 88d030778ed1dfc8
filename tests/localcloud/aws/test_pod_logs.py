"""Lines in the log groups of the add-on for pod logs. Real: access control of the account. Simulated: Fluent Bit."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION
from tests.localcloud.aws.iam.account import ROLE_ARN, Home, make_home

ADDON = "amazon-cloudwatch-observability"
GROUPS = [f"/aws/containerinsights/platform/{kind}" for kind in ("application", "dataplane", "host")]
LOGS = [f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{group}:*" for group in GROUPS]


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """An account whose cluster has the add-on, its log groups, and the role of its pods."""
    home = make_home(tmp_path_factory.mktemp("account"))
    call = home.owner.call
    call("eks", "CreateAddon", clusterName="platform", addonName=ADDON)
    names = {"namespace": "amazon-cloudwatch", "serviceAccount": "cloudwatch-agent"}
    call("eks", "CreatePodIdentityAssociation", clusterName="platform", roleArn=ROLE_ARN, **names)
    for group in GROUPS:
        call("logs", "CreateLogGroup", logGroupName=group)
    home.put_policy(allow("logs:CreateLogStream", "logs:PutLogEvents"))
    yield home
    home.server.stop()


def allow(*actions: str, resources: list[str] = LOGS) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resources}


def written(home: Home) -> Any:
    response: list[bytes] = []
    environ = {"PATH_INFO": "/drydock/pod-logs", "REQUEST_METHOD": "POST"}
    response += home.server.answer(environ, lambda *_: None)
    return json.loads(response[0])


def lines(home: Home, group: str) -> list[str]:
    events = home.owner.call("logs", "GetLogEvents", logGroupName=group, logStreamName="rehearsal")["events"]
    return [each["message"] for each in events]


def test_writes_a_line_to_each_log_group(home: Home) -> None:
    """A second call uses the same streams."""
    assert written(home) == {"groups": GROUPS, "error": ""}
    assert written(home) == {"groups": GROUPS, "error": ""}
    assert [lines(home, group) for group in GROUPS] == [['{"log": "rehearsal"}'] * 2] * 3
    assert home.server.denials.told()["denials"] == []


@pytest.mark.parametrize(
    ("statement", "action"),
    [
        (allow("logs:CreateLogStream"), "logs:PutLogEvents"),
        (allow("logs:PutLogEvents"), "logs:CreateLogStream"),
        (allow("logs:CreateLogStream", "logs:PutLogEvents", resources=LOGS[:2]), "logs:CreateLogStream"),
    ],
)
def test_reports_a_missing_permission(home: Home, statement: dict[str, Any], action: str) -> None:
    """It is a denial of the ServiceAccount of the add-on."""
    home.put_policy(statement)

    assert action in written(home)["error"]
    (denial,) = home.server.denials.told()["denials"]
    assert (denial["role"], denial["action"]) == (ROLE_ARN, action)
    assert denial["service_account"] == "amazon-cloudwatch/cloudwatch-agent"


def test_reports_a_log_group_that_does_not_exist(home: Home) -> None:
    """Fluent Bit would create it without a retention."""
    home.owner.call("logs", "DeleteLogGroup", logGroupName=GROUPS[0])

    assert "logs:CreateLogGroup" in written(home)["error"]


def test_reports_a_role_that_does_not_trust_eks(home: Home) -> None:
    home.trust("sts:AssumeRole")

    assert "may not sts:TagSession" in written(home)["error"]


def test_writes_nothing_without_the_add_on(home: Home) -> None:
    home.owner.call("eks", "DeleteAddon", clusterName="platform", addonName=ADDON)

    assert written(home) == {"groups": [], "error": ""}
