"""A few rounds of `make kills` with a fixed seed."""

from pathlib import Path

import pytest

from tests.e2e.checkout import Checkout
from tests.e2e.kill_rounds import Rounds

pytestmark = pytest.mark.e2e


def test_the_next_command_recovers_from_a_killed_process(tmp_path: Path) -> None:
    """Nothing of the killed round is left, the deployment equals a fresh one, and `down` leaves nothing."""
    rounds = Rounds(Checkout(tmp_path), seed=23)
    try:
        rounds.prepare()
        played = [rounds.play(number) for number in (1, 2)]
    finally:
        rounds.close()

    assert [this.then for this in played] == ["up local", "down local"]
    assert rounds.killed.total() == 2
