"""What ends a rehearsal, and the one setting that it may change."""

import os
from collections import Counter

import pytest

from infra.commands import rehearse
from infra.engine.operations import Outcome
from infra.errors import OperationError


def test_a_change_on_the_second_up_ends_it() -> None:
    """With what changed."""
    with pytest.raises(OperationError, match=r"2 resource\(s\) changed on a second up: 2 update, 5 same"):
        rehearse._unchanged(Outcome("up", counts=Counter(update=2, same=5)))
    assert rehearse._unchanged(Outcome("up", counts=Counter(same=5))) == "0 changes"


def test_a_privileged_port_is_moved_for_an_unprivileged_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root listens where the stack says."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert rehearse._reachable_port(80) == {("drydock:service", "port"): 8080}
    assert rehearse._reachable_port(8080) == {}
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert rehearse._reachable_port(80) == {}
