"""When a Namespace can be used."""

import pytest

from localcloud.kubernetes import await_namespace
from localcloud.kubernetes.verdict import Failed, Ready, Verdict, Waiting


@pytest.mark.parametrize(
    ("phase", "verdict"), [("Active", Ready()), ("Terminating", Waiting("its phase is Terminating"))]
)
def test_a_namespace(phase: str, verdict: Verdict) -> None:
    """One that is going is not ready."""
    assert await_namespace.assess([{"status": {"phase": phase}}]) == verdict


def test_what_somebody_deletes_meanwhile_has_failed() -> None:
    """It will not come back by waiting."""
    assert await_namespace.assess([]) == Failed("it was deleted meanwhile")
