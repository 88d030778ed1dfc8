"""Laws of the difference between two estimates, and the line that shows it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.costs.change import CostChange, CostRange, cost_change, cost_line
from infra.costs.estimate import Estimate, estimate
from tests.infra.costs.edits import AUTOSCALER, DATABASE, changed, specified
from tests.support.planned import planned_stack

CLASSES = ["db.t4g.micro", "db.t4g.medium", "db.t4g.large", "db.m7g.large", "db.r9z.large"]


@st.composite
def estimates(draw: st.DrawFn) -> Estimate:
    """Draw the estimate of a stack with another database and other replicas."""
    resources = changed(
        planned_stack(draw(st.sampled_from(["dev", "staging", "prod"]))),
        DATABASE,
        instanceClass=draw(st.sampled_from(CLASSES)),
        multiAz=draw(st.booleans()),
    )
    least = draw(st.integers(1, 12))
    return estimate(specified(resources, AUTOSCALER, minReplicas=least, maxReplicas=least + draw(st.integers(0, 30))))


@given(estimates())
def test_an_unchanged_stack_has_no_difference(same: Estimate) -> None:
    """Also for each component, and in the line."""
    change = cost_change(same, same)

    assert (change.rest, change.most) == (0, 0)
    assert all(before == after for before, after in change.components.values())
    assert cost_line(change).startswith(f"cost at rest: {same.rest:.0f} USD a month, unchanged")
    assert "at most" not in cost_line(change)


@given(estimates(), estimates())
def test_the_reverse_change_has_the_opposite_difference(one: Estimate, other: Estimate) -> None:
    """At rest, at most, and for each component."""
    there, back = cost_change(one, other), cost_change(other, one)

    assert (there.rest, there.most) == (-back.rest, -back.most)
    assert {name: (after, before) for name, (before, after) in there.components.items()} == dict(back.components)


@given(estimates(), estimates())
def test_the_difference_is_the_sum_over_components(one: Estimate, other: Estimate) -> None:
    """Apart from rounding to cents."""
    change = cost_change(one, other)

    assert change.rest == pytest.approx(sum(b.rest - a.rest for a, b in change.components.values()), abs=0.1)
    assert change.most == pytest.approx(sum(b.most - a.most for a, b in change.components.values()), abs=0.1)
    assert change.rest == pytest.approx(other.rest - one.rest, abs=0.011)


@given(estimates(), estimates())
def test_what_has_no_price_on_a_side_is_named(one: Estimate, other: Estimate) -> None:
    """So a difference never hides a change without a price."""
    name = ("database-instance (PostgreSQL on db.r9z.large)",)
    before, after = bool(one.not_priced), bool(other.not_priced)
    change = cost_change(one, other)

    assert change.not_priced == (name if before and after else ())
    assert change.not_priced_before == (name if before and not after else ())
    assert change.not_priced_after == (name if after and not before else ())
    assert change.comparable is (before == after)


def _change(*rest: float, most: tuple[float, float] | None = None, **not_priced: tuple[str, ...]) -> CostChange:
    before, after = most or rest
    return CostChange(
        before=CostRange(rest=rest[0], most=before),
        after=CostRange(rest=rest[1], most=after),
        components={},
        **not_priced,
    )


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (_change(411.2, 498.1), "cost at rest: 411 -> 498 USD a month (+87)"),
        (_change(498.1, 411.2), "cost at rest: 498 -> 411 USD a month (-87)"),
        (_change(411.2, 411.6), "cost at rest: 411.20 -> 411.60 USD a month (+0.40)"),
        (_change(411.2, 411.2), "cost at rest: 411 USD a month, unchanged"),
        (_change(0.0, 411.2), "cost at rest: 0 -> 411 USD a month (+411)"),
        (
            _change(411.2, 411.2, most=(424, 800)),
            "cost at rest: 411 USD a month, unchanged; at most: 424 -> 800 USD a month (+376)",
        ),
        (_change(411.2, 498.1, most=(500.5, 587.4)), "cost at rest: 411 -> 498 USD a month (+87)"),
        (_change(1.0, 5.0, not_priced=("a", "b")), "cost at rest: 1 -> 5 USD a month (+4); no price: a, b"),
        (
            _change(1.0, 1.0, not_priced=tuple("abcdefg")),
            "cost at rest: 1 USD a month, unchanged; no price: a, b, c, d, e, 2 more",
        ),
        (
            _change(908.0, 617.0, not_priced=("c",), not_priced_before=("a",), not_priced_after=("b",)),
            "cost at rest: 908 -> 617 USD a month, without items that have no price: a before, b after, c",
        ),
    ],
)
def test_the_line_of_a_change(change: CostChange, line: str) -> None:
    """Whole USD, unless the difference is less than one."""
    assert cost_line(change) == line
