"""A few rounds of `make kills`, always the same ones."""

from pathlib import Path

import pytest

from tests.e2e.checkout import Checkout
from tests.e2e.kill_rounds import Rounds

pytestmark = pytest.mark.e2e


def test_whatever_is_killed_the_next_command_puts_it_right(tmp_path: Path) -> None:
    """Nothing of the killed round is left, the deployment is as a fresh one, and `down` leaves nothing."""
    rounds = Rounds(Checkout(tmp_path), seed=23)
    try:
        rounds.prepare()
        played = [rounds.play(number) for number in (1, 2)]
    finally:
        rounds.close()

    assert [this.then for this in played] == ["up local", "down local"]
    assert rounds.killed.total() == 2
