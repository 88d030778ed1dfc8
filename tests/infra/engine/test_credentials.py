"""Commands for a stack on AWS in a shell without credentials. Mocked: AWS and the engine."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation
from pulumi.automation.errors import CommandError

from infra.commands.doctor import doctor
from infra.commands.down import down
from infra.commands.outputs import outputs
from infra.commands.preview import preview
from infra.commands.refresh import refresh
from infra.commands.status import status
from infra.commands.up import up
from infra.engine import account, account_preflight, session, workspace
from infra.errors import InputError, OperationError
from infra.preflight import tools
from infra.preflight.reader import Reader

UNREADABLE = 'error: read .pulumi/meta.yaml: blob (key ".pulumi/meta.yaml") (code=Unknown): AccessDenied'
COMMANDS: dict[str, Callable[[], None]] = {
    "preview": lambda: preview("dev"),
    "up": lambda: up("dev", yes=True),
    "refresh": lambda: refresh("dev"),
    "down": lambda: down("dev", yes=True),
    "outputs": lambda: outputs("dev"),
    "status": lambda: status("dev"),
}
OF_THE_STATE = ("outputs", "status")


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A shell with a state in a bucket, without credentials, and without the files and the host that may give some."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://states?region=eu-central-1")
    monkeypatch.setattr(tools, "tools", list)
    monkeypatch.setattr(workspace, "STATE", tmp_path)
    account.reader.cache_clear()
    yield
    account.reader.cache_clear()


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a command that builds or starts the engine."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the engine was needed before the credentials were checked")

    monkeypatch.setattr(session, "ensure", refuse)
    monkeypatch.setattr(session, "open_on_aws", refuse)


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_without_credentials_says_to_sign_in(name: str) -> None:
    """In one line, before the engine starts."""
    with pytest.raises(InputError) as refused:
        COMMANDS[name]()

    assert str(refused.value) == (
        "dev runs on AWS, but this shell has no access to it: Unable to locate credentials; sign in, such as with "
        "`aws sso login`, or set AWS_PROFILE; `drydock rehearse dev` needs no credentials"
    )


@pytest.mark.usefixtures("no_engine")
def test_expired_credentials_are_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """STS needs no permission for the caller, so any error of it is one of the credentials."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - slow to load

    class _Client:
        def _make_api_call(self, operation: str, _parameters: object) -> dict[str, Any]:
            raise ClientError({"Error": {"Code": "ExpiredToken", "Message": "it has expired"}}, operation)

    monkeypatch.setattr(Reader, "_client", lambda *_: _Client())

    with pytest.raises(InputError, match=r"ExpiredToken: it has expired; sign in"):
        outputs("dev")


@pytest.mark.usefixtures("no_engine")
def test_an_unreachable_account_is_no_missing_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import EndpointConnectionError  # noqa: PLC0415 - slow to load

    class _Client:
        def _make_api_call(self, _operation: str, _parameters: object) -> dict[str, Any]:
            raise EndpointConnectionError(endpoint_url="https://sts.eu-central-1.amazonaws.com/")

    monkeypatch.setattr(Reader, "_client", lambda *_: _Client())

    with pytest.raises(InputError, match=r"Could not connect to the endpoint URL.*; check the network, the proxy"):
        preview("dev")


@pytest.mark.parametrize("url", ["s3://states?profile=state", "https://api.pulumi.com", "file:///states"])
@pytest.mark.parametrize("name", OF_THE_STATE)
def test_a_state_elsewhere_is_read_without_credentials_of_aws(
    name: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The backend has its own sign-in, or a profile in its URL."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", url)

    def opened(*_: Any) -> automation.Stack:
        raise OperationError("opened")

    monkeypatch.setattr(session, "ensure", lambda _: _Tools())
    monkeypatch.setattr(session, "open_on_aws", opened)

    with pytest.raises(OperationError, match="opened"):
        COMMANDS[name]()


@pytest.mark.usefixtures("no_engine")
def test_doctor_prints_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(OperationError, match=r"dev cannot be deployed yet: 1 of [0-9]+ checks fail \(credentials\)"):
        doctor("dev")

    shown = capsys.readouterr().out
    assert "state backend" in shown
    assert "fails     credentials: Unable to locate credentials\n          sign in, such as with" in shown


def test_doctor_reports_a_state_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It checks everything else, but not whether names are taken: by the stack itself or by others?"""

    class _Client:
        def _make_api_call(self, operation: str, _parameters: object) -> dict[str, Any]:
            return (
                {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/me"} if "Caller" in operation else {}
            )

    monkeypatch.setattr(Reader, "_client", lambda *_: _Client())
    monkeypatch.setattr(session, "ensure", lambda _: _Tools())
    monkeypatch.setattr(workspace, "EngineStack", _unreadable)

    with pytest.raises(OperationError, match=r"checks fail \(.*state.*\); nothing was created"):
        doctor("dev", as_json=True)

    findings = json.loads(capsys.readouterr().out)["findings"]
    (state,) = [each for each in findings if each["check"] == "state"]
    assert "AccessDenied" in state["found"]
    assert "account" in [each["check"] for each in findings]
    assert not {"name", "quota"} & {each["check"] for each in findings}


def test_other_commands_name_the_backend_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "require_credentials", lambda *_: None)
    monkeypatch.setattr(session, "ensure", lambda _: _Tools())
    monkeypatch.setattr(workspace, "EngineStack", _unreadable)

    with pytest.raises(OperationError) as refused:
        outputs("dev")

    assert str(refused.value) == (
        f"the state of dev in s3://states?region=eu-central-1 cannot be read: {UNREADABLE}; sign in to AWS or to the "
        "backend, and check its URL"
    )


def test_a_stack_that_is_not_in_the_backend_has_no_resources(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any) -> None:
        raise automation.StackNotFoundError(_Result("error: no stack named 'dev' found"))

    monkeypatch.setattr(account, "require_credentials", lambda *_: None)
    monkeypatch.setattr(session, "ensure", lambda _: _Tools())
    monkeypatch.setattr(workspace, "EngineStack", missing)

    assert account_preflight.known("dev") == frozenset()


class _Tools:
    """A toolchain that has the engine."""

    pulumi = Path("/tools/pulumi")


class _Result:
    """The result of a command of the engine that failed."""

    def __init__(self, stderr: str) -> None:
        self._stderr = stderr

    def __str__(self) -> str:
        return f"\n code: 255\n stdout: \n stderr: {self._stderr}"


def _unreadable(*_: Any) -> None:
    raise CommandError(_Result(UNREADABLE))
