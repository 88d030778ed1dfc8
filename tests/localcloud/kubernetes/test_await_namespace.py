"""When a Namespace is ready."""

import pytest

from localcloud.kubernetes import await_namespace
from localcloud.kubernetes.verdict import Failed, Ready, Verdict, Waiting


@pytest.mark.parametrize(
    ("phase", "verdict"), [("Active", Ready()), ("Terminating", Waiting("its phase is Terminating"))]
)
def test_assesses_a_namespace(phase: str, verdict: Verdict) -> None:
    """A terminating one is not ready."""
    assert await_namespace.assess([{"status": {"phase": phase}}]) == verdict


def test_a_namespace_deleted_meanwhile_has_failed() -> None:
    """Waiting longer would not help."""
    assert await_namespace.assess([]) == Failed("it was deleted meanwhile")
