"""When the deletion of an object is complete."""

from typing import Any

import pytest

from localcloud.kubernetes import await_deletion
from localcloud.kubernetes.verdict import Ready, Verdict, Waiting

HELD = {"metadata": {"uid": "1", "finalizers": ["foregroundDeletion", "test.io/hold"]}}
FULL = {
    "metadata": {"uid": "1"},
    "status": {"conditions": [{"type": "NamespaceContentRemaining", "status": "True", "message": "pods has 1 left"}]},
}


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ([], Ready()),
        ([{"metadata": {"uid": "2"}}], Ready()),
        ([HELD], Waiting("waiting until it is deleted; finalizer test.io/hold")),
        ([FULL], Waiting("waiting until it is deleted; pods has 1 left")),
    ],
)
def test_a_deletion_waits_for_this_object(found: list[dict[str, Any]], verdict: Verdict) -> None:
    """A new object with the same name is not the deleted one; the message names finalizers that block it."""
    assert await_deletion.assess(found, "1") == verdict
