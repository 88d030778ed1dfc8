"""The account is checked before anything is planned."""

from pathlib import Path

import pytest

from infra.engine.account import require_account
from infra.errors import InputError
from stacks.settings import AssumedRole, parse_settings

MEANT = "111122223333"


def settings(account: str | None = MEANT):  # type: ignore[no-untyped-def]
    given = {"region": "eu-central-1"} | ({} if account is None else {"accountId": account})
    return parse_settings(given, "test")


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An AWS CLI that answers what the test writes into it."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path / "aws"


def answering(aws: Path, script: str) -> None:
    aws.write_text(f"#!/bin/sh\n{script}\n")
    aws.chmod(0o755)


def test_another_account_is_refused_with_what_to_do(aws: Path) -> None:
    answering(aws, '[ "$1 $2" = "sts get-caller-identity" ] && echo 444455556666')

    with pytest.raises(InputError) as caught:
        require_account("dev", settings(), ())
    assert str(caught.value) == (
        "Pulumi.dev.yaml: accountId is 111122223333, and the credentials here are of account 444455556666; use "
        "credentials of 111122223333, or set accountId if 444455556666 is the right one"
    )


@pytest.mark.parametrize(
    ("script", "account"),
    [(f"echo {MEANT}", MEANT), ("exit 255", MEANT), ("echo 444455556666", None)],
    ids=["the right one", "no answer: the provider checks", "no account is set"],
)
def test_passes(aws: Path, script: str, account: str | None) -> None:
    answering(aws, script)

    assert require_account("dev", settings(account), ()) is None


def test_passes_without_the_aws_cli(aws: Path) -> None:
    """Pulumi's provider checks the account too."""
    assert not aws.exists()
    assert require_account("dev", settings(), ()) is None


def test_a_role_that_is_taken_is_of_the_account_already(aws: Path) -> None:
    """Whoever takes it may be of another account: the settings have checked the role's."""
    answering(aws, "echo 444455556666")
    role = AssumedRole.model_validate({"roleArn": f"arn:aws:iam::{MEANT}:role/drydock-dev-deploy"})

    assert require_account("dev", settings(), (role,)) is None
