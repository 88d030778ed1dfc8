"""The account is checked before anything is planned, and AWS is asked for it once."""

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
    """AWS that knows the caller's account; without one it gives no answer."""

    def __init__(self, account_id: str | None) -> None:
        self.account_id = account_id

    def __call__(self, service: str, operation: str, **_: Any) -> dict[str, Any]:
        assert (service, operation) == ("sts", "GetCallerIdentity")
        if self.account_id is None:
            raise UnreadableError("sts:GetCallerIdentity", "Unable to locate credentials")
        return {"Account": self.account_id}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The operations that are sent to AWS, which has nothing but the caller's account."""
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


def test_another_account_is_refused_with_what_to_do() -> None:
    with pytest.raises(InputError) as caught:
        require_account("dev", _settings(), (), _Account(OTHER))
    assert str(caught.value) == (
        "Pulumi.dev.yaml: accountId is 111122223333, but the credentials belong to account 444455556666; use "
        "credentials of 111122223333, or set accountId if 444455556666 is the right one"
    )


@pytest.mark.parametrize(
    ("caller", "account_id"),
    [(MEANT, MEANT), (None, MEANT), (OTHER, None)],
    ids=["the right one", "no answer: the provider checks", "no account is set"],
)
def test_passes(caller: str | None, account_id: str | None) -> None:
    assert require_account("dev", _settings(account_id), (), _Account(caller)) is None


def test_a_role_that_is_assumed_is_of_the_account_already() -> None:
    """Whoever assumes it may be of another account: the settings have checked the role's."""
    role = AssumedRole.model_validate({"roleArn": f"arn:aws:iam::{MEANT}:role/drydock-dev-deploy"})

    assert require_account("dev", _settings(), (role,), _Account(OTHER)) is None


def test_the_check_and_the_preflight_of_up_ask_for_the_caller_once(
    calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are one command: `up` checks the account, opens the stack and examines the account."""
    monkeypatch.setattr(session, "read_settings", lambda _stack: _settings())

    session._require_account("dev")
    assert calls == ["GetCallerIdentity"]
    findings = account_preflight.findings("dev")

    assert calls.count("GetCallerIdentity") == 1
    assert len(set(calls)) > 5, "the preflight asked for more"
    assert [each.verdict for each in findings if each.check == "account"] == ["ok"]
