"""What commands say of denials."""

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
    """What the account answers."""
    answer: list[dict[str, Any]] = []
    monkeypatch.setattr(denials, "ask", lambda _url: {"denials": answer, "dropped": 0})
    return answer


def test_a_pod_that_was_denied_something_is_named(found: list[dict[str, Any]]) -> None:
    """With its ServiceAccount, role, action, resource and reason."""
    found.append(POD)

    with pytest.raises(OperationError) as failed:
        denials.require_none(CLOUD)

    assert str(failed.value).splitlines()[1] == (
        "  ServiceAccount app/worker, role arn:aws:iam::123456789012:role/worker is not authorized to perform "
        "sqs:ReceiveMessage on arn:aws:sqs:eu-central-1:123456789012:jobs because no identity-based policy allows the "
        "sqs:ReceiveMessage action (3 times)"
    )


def test_what_cannot_be_evaluated_is_named(found: list[dict[str, Any]]) -> None:
    """It may be why."""
    found.append({**POD, "unknown": ["aws:SourceVpce"]})

    assert "; not evaluated here: aws:SourceVpce (3 times)" in denials.of_pods(CLOUD)[0]


def test_the_role_that_deploys_is_named_with_its_file(found: list[dict[str, Any]]) -> None:
    """In addition to the denials of pods, each with its own heading; other roles are ignored."""
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


def test_others_and_earlier_denials_do_not_count(found: list[dict[str, Any]]) -> None:
    """Whoever tries a role by hand fails no deployment."""
    found += [{**POD, "service_account": ""}, POD]

    assert len(denials.of_pods(CLOUD)) == 1
    assert denials.of_pods(CLOUD, since=1000.5) == []
    assert denials.require_none(CLOUD, since=1000.5) == "no request of pods was denied"


def test_a_failure_says_what_was_denied_meanwhile(found: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, and only where the account answers; the failure stays what it is."""
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
