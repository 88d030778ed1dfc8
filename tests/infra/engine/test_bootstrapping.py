"""The rehearsal of the bootstrap. Real: the engine. Emulated: the AWS account."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.engine import bootstrapping
from infra.engine.operations import Outcome
from infra.engine.places import ROOT
from infra.engine.progress import Progress
from infra.errors import InputError, OperationError

BOUNDARY = "aws-iam-no-wildcard-admin: aws:iam/policy:Policy identities-prod-boundary: allows * on *"
ROLE = "aws-iam-no-wildcard-admin: aws:iam/rolePolicy:RolePolicy identities-prod-deploy: allows * on *"
OTHER = "aws-s3-private: aws:iam/policy:Policy identities-prod-boundary: is public"
STEPS = ("preview + policy", "up", "policy", "up again", "refresh", "unprotect", "destroy")


def test_the_bootstrap_goes_through_all_steps(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second `up` changes nothing, and `destroy` leaves nothing. The three boundaries are exempt from the rules."""
    monkeypatch.chdir(ROOT / "infra")

    bootstrapping.rehearse(Progress(each_resource=False))

    told = [line.split("pass  ", 1)[1].strip() for line in capsys.readouterr().err.splitlines() if "pass  " in line]
    assert tuple(line[: line.index("  ")] for line in told) == STEPS
    assert "3 boundaries, which grant nothing, are not checked" in told[2]
    assert told[-1].endswith("0 left in the AWS account and the API server")


@pytest.mark.parametrize("violation", [ROLE, OTHER])
def test_accepts_allow_all_in_a_boundary_only(violation: str) -> None:
    """A role that allows everything is refused, and so is a boundary that violates another rule."""
    with pytest.raises(OperationError, match="1 policy violation") as error:
        bootstrapping._judged(Outcome("preview", violations=[BOUNDARY, violation], failed=True))
    assert violation in str(error.value)
    assert BOUNDARY not in str(error.value)


@pytest.mark.parametrize("outcome", [{"errors": ["it broke"]}, {"violations": [BOUNDARY], "errors": ["it broke"]}])
def test_refuses_a_preview_with_other_errors(outcome: dict[str, Any]) -> None:
    """Accepted violations of boundaries do not hide other errors."""
    with pytest.raises(OperationError, match="it broke"):
        bootstrapping._judged(Outcome("preview", failed=True, **outcome))


def test_accepts_violations_of_boundaries() -> None:
    """The engine fails a preview with violations; without other errors it is accepted."""
    told = bootstrapping._judged(Outcome("preview", violations=[BOUNDARY], errors=["preview failed"], failed=True))

    assert told.endswith("1 boundaries, which grant nothing, are not checked")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("accountId: '12345'", 'accountId: must match ^[0-9]{12}$, got "12345"'),
        (
            "accountId: 012345670123",
            'accountId: must match ^[0-9]{12}$, got "1402433619", which YAML reads from 012345670123; write "01',
        ),
        ("region: eu-centrl-1", 'region: must be a region of AWS (did you mean eu-central-1?), got "eu-centrl-1"'),
        ("region:", "region: "),
        ("repository: nobody", "repository: must be a repository on GitHub as ORG/REPO"),
    ],
)
def test_refuses_the_settings_before_a_step(
    line: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those that the rehearsal replaces: the bootstrap itself would refuse them."""
    given = {"region": "eu-central-1", "accountId": "'123456789012'", "repository": "octo-org/octo-repo"}
    key, _, value = line.partition(":")
    text = "".join(f"  drydock-bootstrap:{name}: {each}\n" for name, each in {**given, key: value}.items())
    (tmp_path / "Pulumi.account.yaml").write_text(f"config:\n{text}")
    monkeypatch.setattr(bootstrapping, "PROJECT", replace(bootstrapping.PROJECT, folder=tmp_path))

    with pytest.raises(InputError) as refused:
        bootstrapping.rehearse(Progress(each_resource=False))

    first, only = str(refused.value).splitlines()
    assert first == f"{tmp_path.name}/Pulumi.account.yaml: 1 error in the settings"
    assert only.strip().startswith(says)


def test_refuses_settings_without_a_region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Pulumi.account.yaml").write_text("config:\n  drydock-bootstrap:accountId: '123456789012'\n")
    monkeypatch.setattr(bootstrapping, "PROJECT", replace(bootstrapping.PROJECT, folder=tmp_path))

    with pytest.raises(InputError, match="region: missing; it is required"):
        bootstrapping.rehearse(Progress(each_resource=False))


def test_refuses_an_environment_of_the_same_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Otherwise the rehearsal of that environment would rehearse the account."""
    (tmp_path / "Pulumi.bootstrap.yaml").touch()
    monkeypatch.setattr(bootstrapping, "ROOT", tmp_path)

    with pytest.raises(InputError, match=r"Pulumi\.bootstrap\.yaml: bootstrap is the program of the account"):
        bootstrapping.rehearse(Progress(each_resource=False))
