"""The difference between two estimates of a stack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.costs.estimate import Charge, Estimate, NotPriced

MAX_NOT_PRICED = 5
"""Number of items without a price in the line of a stack."""


@dataclass(frozen=True, kw_only=True)
class CostRange:
    """USD a month, in whole cents."""

    rest: float = 0.0
    most: float = 0.0


@dataclass(frozen=True, kw_only=True)
class CostChange:
    """What a stack costs before and after a change."""

    before: CostRange
    after: CostRange
    components: Mapping[str, tuple[CostRange, CostRange]]
    """Component -> its cost before and after, the most expensive first."""
    not_priced: tuple[str, ...] = ()
    """Items without a price that exist before and after the change."""
    not_priced_before: tuple[str, ...] = ()
    """Items without a price that exist only before the change."""
    not_priced_after: tuple[str, ...] = ()
    """Items without a price that exist only after the change."""

    @property
    def comparable(self) -> bool:
        """Whether the differences cover the whole stack: no item without a price exists on one side only."""
        return not (self.not_priced_before or self.not_priced_after)

    @property
    def rest(self) -> float:
        """The difference at rest."""
        return round(self.after.rest - self.before.rest, 2)

    @property
    def most(self) -> float:
        """The difference at most."""
        return round(self.after.most - self.before.most, 2)


def cost_range(charges: Sequence[Charge]) -> CostRange:
    """Return the sums of charges."""
    return CostRange(
        rest=round(sum(each.rest_usd for each in charges), 2), most=round(sum(each.most_usd for each in charges), 2)
    )


def cost_change(before: Estimate, after: Estimate) -> CostChange:
    """Compare the estimates of a stack before and after a change."""
    names = sorted(
        {*before.components, *after.components},
        key=lambda name: (-_of(after, name).rest, -_of(before, name).rest, name),
    )
    old, new = (dict.fromkeys(map(_named, each.not_priced)) for each in (before, after))
    return CostChange(
        before=cost_range(before.charges),
        after=cost_range(after.charges),
        components={name: (_of(before, name), _of(after, name)) for name in names},
        not_priced=tuple(each for each in new if each in old),
        not_priced_before=tuple(each for each in old if each not in new),
        not_priced_after=tuple(each for each in new if each not in old),
    )


def cost_line(change: CostChange) -> str:
    """Return the change as one line, such as `cost at rest: 411 -> 498 USD a month (+87)`.

    If something has no price on one side only, there is no difference to show.
    """
    if not change.comparable:
        missing = [
            *(f"{each} before" for each in change.not_priced_before),
            *(f"{each} after" for each in change.not_priced_after),
            *change.not_priced,
        ]
        rest = f"{change.before.rest:.0f} -> {change.after.rest:.0f}"
        return f"cost at rest: {rest} USD a month, without items that have no price: {_some(missing)}"
    text = f"cost at rest: {_pair(change.before.rest, change.after.rest)}"
    if change.most != change.rest:
        text += f"; at most: {_pair(change.before.most, change.after.most)}"
    return f"{text}; no price: {_some(change.not_priced)}" if change.not_priced else text


def signed(usd: float) -> str:
    """Return a difference with its sign: whole USD, or cents if it is less than 1 USD."""
    return f"{usd:+.0f}" if abs(usd) >= 1 else f"{usd:+.2f}"


def _pair(before: float, after: float) -> str:
    difference = round(after - before, 2)
    if not difference:
        return f"{after:.0f} USD a month, unchanged"
    digits = 0 if abs(difference) >= 1 else 2
    return f"{before:.{digits}f} -> {after:.{digits}f} USD a month ({signed(difference)})"


def _of(estimate: Estimate, component: str) -> CostRange:
    return cost_range(estimate.components.get(component, ()))


def _some(names: Sequence[str]) -> str:
    more = len(names) - MAX_NOT_PRICED
    return ", ".join([*names[:MAX_NOT_PRICED], *([f"{more} more"] if more > 0 else [])])


def _named(each: NotPriced) -> str:
    return f"{each.urn.rpartition('::')[2]} ({each.what})"
