"""The check of the AWS account before a plan, with one request for the caller's account. Mocked: AWS."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.engine import account, account_preflight, session
from infra.engine.account import require_account
from infra.errors import InputError
from infra.preflight import tools
from infra.preflight.finding import UnreadableError
from infra.preflight.reader import Reader
from stacks.settings import AssumedRole, Settings, parse_settings

MEANT, OTHER = "111122223333", "444455556666"


def _settings(account_id: str | None = MEANT) -> Settings:
    given = {"region": "eu-central-1"} | ({} if account_id is None else {"accountId": account_id})
    return parse_settings(given, "test")


class _Account:
    """Stands for AWS: answers with the caller's account, or fails if there is none."""

    def __init__(self, account_id: str | None) -> None:
        self.account_id = account_id

    def __call__(self, service: str, operation: str, **_: Any) -> dict[str, Any]:
        assert (service, operation) == ("sts", "GetCallerIdentity")
        if self.account_id is None:
            raise UnreadableError("sts:GetCallerIdentity", "Unable to locate credentials")
        return {"Account": self.account_id}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Record the operations sent to AWS, which answers with the caller's account and nothing else."""
    sent: list[str] = []

    class _Client:
        def _make_api_call(self, operation: str, _parameters: object) -> dict[str, Any]:
            sent.append(operation)
            return {"Account": MEANT, "Arn": f"arn:aws:iam::{MEANT}:user/me"} if "CallerIdentity" in operation else {}

    monkeypatch.setattr(Reader, "_client", lambda *_: _Client())
    monkeypatch.setattr(tools, "tools", list)
    monkeypatch.setattr(tools, "state_backend", lambda *_, **__: [])
    account.reader.cache_clear()
    yield sent
    account.reader.cache_clear()


def test_refuses_credentials_of_another_account() -> None:
    with pytest.raises(InputError) as caught:
        require_account("dev", _settings(), (), _Account(OTHER))
    assert str(caught.value) == (
        "Pulumi.dev.yaml: accountId is 111122223333, but the credentials belong to account 444455556666; use "
        "credentials of 111122223333, or set accountId if 444455556666 is the right one"
    )


@pytest.mark.parametrize(
    ("caller", "account_id"),
    [(MEANT, MEANT), (None, MEANT), (OTHER, None)],
    ids=["right account", "no answer: the provider checks", "no account is set"],
)
def test_accepts_the_account(caller: str | None, account_id: str | None) -> None:
    assert require_account("dev", _settings(account_id), (), _Account(caller)) is None


def test_does_not_check_the_caller_of_an_assumed_role() -> None:
    """The caller may belong to another account; the account of the role is checked with the settings."""
    role = AssumedRole.model_validate({"roleArn": f"arn:aws:iam::{MEANT}:role/drydock-dev-deploy"})

    assert require_account("dev", _settings(), (role,), _Account(OTHER)) is None


def test_the_check_and_the_preflight_of_up_request_the_caller_once(
    calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`up` runs both in one process, and the answer is reused."""
    monkeypatch.setattr(session, "read_settings", lambda _stack: _settings())

    session._require_account("dev")
    assert calls == ["GetCallerIdentity"]
    findings = account_preflight.findings("dev")

    assert calls.count("GetCallerIdentity") == 1
    assert len(set(calls)) > 5, "the preflight asked for more"
    assert [each.verdict for each in findings if each.check == "account"] == ["ok"]
