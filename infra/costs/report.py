"""The estimate of a stack as a table for a terminal, as notes, and as JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from rich.table import Table

from infra.costs.change import CostChange, CostRange, cost_range
from infra.costs.estimate import Amount, Charge, Estimate
from infra.costs.prices import CHECKED

NOT_COUNTED = (
    "traffic between zones and to the internet, the discount of spot instances, free tiers, tax, your discounts"
)


def rows(charges: Iterable[Charge]) -> list[Amount]:
    """Sum the charges for the same item, the most expensive first."""
    found: dict[str, Amount] = {}
    for charge in charges:
        before = found.get(charge.what)
        rest, most = (before.rest, before.most) if before else (0, 0)
        found[charge.what] = Amount(
            what=charge.what, rest=rest + charge.rest, most=most + charge.most, price=charge.price
        )
    return sorted(found.values(), key=lambda row: (-row.rest_usd, row.what))


def table(estimate: Estimate, stack: str) -> Table:
    """Return the charges by component, the sum of each, and the total."""
    made = Table(
        *("", "Count", "USD each", "At rest", "At most"),
        title=f"{stack} in {estimate.region}: USD a month, prices of {CHECKED}, ~ estimated",
    )
    for column in made.columns[1:]:
        column.justify = "right"
    for component, charges in estimate.components.items():
        lines = rows(charges)
        made.add_row(component, "", "", *_amounts(lines), style="bold")
        for row in lines:
            mark = "~" if row.price.estimate else ""
            made.add_row(
                f"  {row.what}", number_range(row.rest, row.most), f"{mark}{row.price.usd:g}", *_amounts([row])
            )
        made.add_section()
    made.add_row("in all", "", "", *_amounts(rows(estimate.charges)), style="bold")
    return made


def comparison(change: CostChange, title: str) -> Table:
    """Return the cost of each component before and after a change."""
    made = Table(*("", "At rest, before", "after", "change", "At most, before", "after", "change"), title=title)
    for column in made.columns[1:]:
        column.justify = "right"
    for component, (before, after) in change.components.items():
        made.add_row(component, *_differences(before, after))
    made.add_section()
    made.add_row("in all", *_differences(change.before, change.after), style="bold")
    return made


def notes(estimate: Estimate, budget: int | None) -> Iterator[str]:
    """Yield the budget, and what the total does not contain: what is charged by use, and what is not priced."""
    if budget is not None:
        yield f"Budget: {estimate.rest:.2f} USD a month at rest of budget.monthlyUsd {budget}"
    yield "Charged by use, not in the total:"
    yield from (f"- {type_} ({count}): {what}" for type_, what, count in estimate.by_use)
    yield f"Not counted: {NOT_COUNTED}"
    yield f"Not priced, so not in the total:{'' if estimate.not_priced else ' nothing'}"
    yield from (f"- {each.urn.rpartition('::')[2]}: {each.what}: {each.reason}" for each in estimate.not_priced)


def to_json(estimate: Estimate, stack: str, budget: int | None) -> dict[str, Any]:
    """Return the whole estimate, with each resource."""
    return {
        "stack": stack,
        "region": estimate.region,
        "pricesOf": CHECKED.isoformat(),
        "monthlyUsd": asdict(cost_range(estimate.charges)),
        "budgetMonthlyUsd": budget,
        "components": {component: asdict(cost_range(charges)) for component, charges in estimate.components.items()},
        "charges": [
            {
                "urn": charge.urn,
                "component": charge.component,
                "what": charge.what,
                "count": {"rest": charge.rest, "most": charge.most},
                "usdEach": charge.price.usd,
                "estimated": charge.price.estimate,
                "source": charge.price.source,
                "monthlyUsd": asdict(cost_range([charge])),
            }
            for charge in estimate.charges
        ],
        "byUse": [{"type": type_, "what": what, "resources": count} for type_, what, count in estimate.by_use],
        "notPriced": [{"urn": each.urn, "what": each.what, "reason": each.reason} for each in estimate.not_priced],
    }


def _differences(before: CostRange, after: CostRange) -> Iterator[str]:
    for old, new in ((before.rest, after.rest), (before.most, after.most)):
        yield from (f"{old:.2f}", f"{new:.2f}", f"{new - old:+.2f}" if new != old else "")


def number_range(rest: float, most: float) -> str:
    """Return `2`, or `2 to 7`."""
    return f"{rest:g}" if rest == most else f"{rest:g} to {most:g}"


def _amounts(lines: Iterable[Amount]) -> tuple[str, str]:
    """Return the sums, with `~` if they contain an estimate."""
    found = list(lines)
    mark = "~" if any(row.price.estimate for row in found) else ""
    return f"{mark}{sum(row.rest_usd for row in found):.2f}", f"{mark}{sum(row.most_usd for row in found):.2f}"
