"""Requests denied by IAM, as commands report them. Mocked: the account's answer."""

from typing import Any

import pytest

from infra.engine import denials
from infra.errors import FailedOperationError, OperationError
from tests.infra.engine.test_real_providers import CLOUD

POD = {
    "role": "arn:aws:iam::123456789012:role/worker",
    "action": "sqs:ReceiveMessage",
    "resource": "arn:aws:sqs:eu-central-1:123456789012:jobs",
    "reason": "because no identity-based policy allows the sqs:ReceiveMessage action",
    "service_account": "app/worker",
    "unknown": [],
    "count": 3,
    "last": 1000.0,
}


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The denials with which the account answers."""
    answer: list[dict[str, Any]] = []
    monkeypatch.setattr(denials, "ask", lambda _url: {"denials": answer, "dropped": 0})
    return answer


def test_reports_a_denied_request_of_a_pod(found: list[dict[str, Any]]) -> None:
    """The line has ServiceAccount, role, action, resource and reason."""
    found.append(POD)

    with pytest.raises(OperationError) as failed:
        denials.require_none(CLOUD)

    assert str(failed.value).splitlines()[1] == (
        "  ServiceAccount app/worker, role arn:aws:iam::123456789012:role/worker is not authorized to perform "
        "sqs:ReceiveMessage on arn:aws:sqs:eu-central-1:123456789012:jobs because no identity-based policy allows the "
        "sqs:ReceiveMessage action (3 times)"
    )


def test_reports_condition_keys_that_were_not_evaluated(found: list[dict[str, Any]]) -> None:
    """They may be the reason of the denial."""
    found.append({**POD, "unknown": ["aws:SourceVpce"]})

    assert "; not evaluated here: aws:SourceVpce (3 times)" in denials.of_pods(CLOUD)[0]


@pytest.mark.parametrize("resource", ["arn:aws:ec2:eu-central-1:1:vpc/*", "arn:aws:sns:eu-central-1:1:*"])
def test_says_what_stands_for_an_unknown_name(found: list[dict[str, Any]], resource: str) -> None:
    """The policy may allow the action for the real name, which the local cloud did not find in the request."""
    found.append({**POD, "resource": resource})

    assert "does not find in it (localcloud/aws/iam/references.py) (3 times)" in denials.of_pods(CLOUD)[0]


def test_reports_denials_of_the_deployment_role_with_the_policy_file(found: list[dict[str, Any]]) -> None:
    """They follow the denials of pods under a heading of their own; other roles are ignored."""
    role = "arn:aws:iam::123456789012:role/drydock-deploy"
    found += [POD, {**POD, "role": role, "action": "rds:CreateDBInstance", "service_account": ""}]
    found.append({**POD, "role": "arn:aws:iam::123456789012:role/other", "service_account": ""})

    with pytest.raises(OperationError) as failed:
        denials.require_none(CLOUD, role_arn=role)

    pods, pod, deployment, denied = str(failed.value).splitlines()
    assert pods.startswith("IAM denied requests of pods")
    assert pod.startswith("  ServiceAccount app/worker, ")
    assert deployment.startswith("IAM denied requests of the deployment")
    assert denied.startswith(f"  role {role} is not authorized to perform rds:CreateDBInstance on ")
    assert denied.endswith("(3 times): infra/deploy_role/data.json")
    found.clear()
    assert denials.require_none(CLOUD, role_arn=role) == "no request of pods or the deploy role was denied"


def test_ignores_denials_of_others_and_from_before(found: list[dict[str, Any]]) -> None:
    """Only denials of pods since the given time count, not those of a role that a user tries."""
    found += [{**POD, "service_account": ""}, POD]

    assert len(denials.of_pods(CLOUD)) == 1
    assert denials.of_pods(CLOUD, since=1000.5) == []
    assert denials.require_none(CLOUD, since=1000.5) == "no request of pods was denied"


def test_adds_denials_to_the_message_of_a_failure(found: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    """They are added once. If the account does not answer, the message stays as it is."""
    found.append(POD)
    with (
        pytest.raises(FailedOperationError, match=r"(?s)^not ready\n.*perform sqs:ReceiveMessage") as failed,
        denials.named(CLOUD),
        denials.named(CLOUD),
    ):
        raise FailedOperationError("not ready", [])
    assert str(failed.value).count("sqs:ReceiveMessage on") == 1

    def silent(_url: str) -> Any:
        raise OperationError("does not answer")

    monkeypatch.setattr(denials, "ask", silent)
    with pytest.raises(OperationError, match=r"^not ready$"), denials.named(CLOUD):
        raise OperationError("not ready")
    with pytest.raises(OperationError, match=r"^not ready$"), denials.named(None):
        raise OperationError("not ready")
