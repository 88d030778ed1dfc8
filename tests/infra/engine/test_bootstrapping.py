"""The rehearsal of the bootstrap. Real: the engine. Emulated: the AWS account."""

from typing import Any

import pytest

from infra.engine import bootstrapping
from infra.engine.operations import Outcome
from infra.engine.places import ROOT
from infra.engine.progress import Progress
from infra.errors import OperationError

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
