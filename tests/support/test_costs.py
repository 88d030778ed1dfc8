"""The table of savings in docs/cost.md."""

import pytest

from infra.costs.change import CostChange, CostRange
from tests.support.builders import ROOT
from tests.support.costs import SAVINGS, difference
from tests.support.tables import between


@pytest.mark.parametrize(
    ("after", "text"),
    [
        (CostRange(rest=80, most=180), "-20"),
        (CostRange(rest=80, most=150), "-20, at most -50"),
        (CostRange(rest=100, most=150), "0, at most -50"),
        (CostRange(rest=99.5, most=199.5), "-0.50"),
        (CostRange(rest=100, most=200), ""),
        (CostRange(rest=120, most=200), ""),
    ],
)
def test_shows_what_is_saved(after: CostRange, text: str) -> None:
    """Nothing if the stack is not cheaper."""
    assert difference(CostChange(before=CostRange(rest=100, most=200), after=after, components={})) == text


def test_shows_no_difference_without_prices() -> None:
    """Something without a price on one side only is not compared; a value that is not valid is no saving."""
    same = CostRange(rest=100, most=200)

    assert difference(CostChange(before=same, after=same, components={}, not_priced_after=("a",))) == "no price"
    assert difference(None) == ""


def test_each_row_saves_something_in_a_stack() -> None:
    """A row without a number would be of no use."""
    rows = between((ROOT / "docs" / "cost.md").read_text(), "savings").splitlines()[2:]

    assert [row.split(" | ")[0] for row in rows] == [f"| `{saving.text}`" for saving in SAVINGS]
    assert [row for row in rows if "-" not in "".join(row.split(" | ")[1:-1])] == []
