"""The rehearsal of the bootstrap: the real engine, the emulated account, no credentials."""

from typing import Any

import pytest

from infra.engine import bootstrapping
from infra.engine.operations import Outcome
from infra.engine.places import ROOT
from infra.errors import OperationError

BOUNDARY = "aws-iam-no-wildcard-admin: aws:iam/policy:Policy identities-prod-boundary: allows * on *"
ROLE = "aws-iam-no-wildcard-admin: aws:iam/rolePolicy:RolePolicy identities-prod-deploy: allows * on *"
OTHER = "aws-s3-private: aws:iam/policy:Policy identities-prod-boundary: is public"
STEPS = ("preview + policy", "up", "policy", "up again", "refresh", "unprotect", "destroy")


def test_the_bootstrap_goes_through_all_steps(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is created, does not change, and leaves nothing behind. One boundary for each environment is not checked."""
    monkeypatch.chdir(ROOT / "infra")

    bootstrapping.rehearse()

    told = [line.split("pass  ", 1)[1].strip() for line in capsys.readouterr().err.splitlines() if "pass  " in line]
    assert tuple(line[: line.index("  ")] for line in told) == STEPS
    assert "3 boundaries, which grant nothing, are not checked" in told[2]
    assert told[-1].endswith("0 left in the AWS account and the API server")


@pytest.mark.parametrize("violation", [ROLE, OTHER])
def test_only_a_boundary_may_allow_everything(violation: str) -> None:
    """A role that may do everything is refused, and so is a boundary that breaks another rule."""
    with pytest.raises(OperationError, match="1 policy violation") as error:
        bootstrapping._judged(Outcome("preview", violations=[BOUNDARY, violation], failed=True))
    assert violation in str(error.value)
    assert BOUNDARY not in str(error.value)


@pytest.mark.parametrize("outcome", [{"errors": ["it broke"]}, {"violations": [BOUNDARY], "errors": ["it broke"]}])
def test_a_preview_that_failed_for_another_reason_is_refused(outcome: dict[str, Any]) -> None:
    """What is said of boundaries hides no error."""
    with pytest.raises(OperationError, match="it broke"):
        bootstrapping._judged(Outcome("preview", failed=True, **outcome))


def test_boundaries_alone_are_accepted() -> None:
    """The engine fails a preview with violations."""
    told = bootstrapping._judged(Outcome("preview", violations=[BOUNDARY], errors=["preview failed"], failed=True))

    assert told.endswith("1 boundaries, which grant nothing, are not checked")
