"""The tables of docs/cost.md: the stacks on AWS side by side, and what a change of a setting saves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from infra.costs.change import CostChange, cost_change, signed
from infra.costs.estimate import Amount, Estimate, estimate
from infra.costs.report import number_range, rows
from infra.program import APP
from stacks.build import build
from stacks.settings import SettingsError, load_stack_file, own_values, parse_settings, stack_names
from stacks.settings.network import ENDPOINTS_OF_PODS
from tests.support.builders import ROOT
from tests.support.planned import planned, planned_stack
from tests.support.recorder import record
from tests.support.settings_values import with_value


@dataclass(frozen=True)
class Saving:
    """A change of one setting that makes a stack cheaper."""

    path: str
    value: Any
    loses: str
    """What the stack does not have then."""

    @property
    def text(self) -> str:
        """The setting and its value as in a stack file."""
        value = f"[{', '.join(self.value)}]" if isinstance(self.value, list) else str(self.value)
        return f"{self.path}: {value.lower() if isinstance(self.value, bool) else value}"


SAVINGS = (
    Saving(
        "network.natStrategy", "single", "outbound internet access of all zones if the zone of the NAT gateway fails"
    ),
    Saving("network.availabilityZones", ["a", "b"], "a third zone, so less is left if one fails"),
    Saving(
        "network.interfaceEndpoints",
        sorted(ENDPOINTS_OF_PODS),
        "private addresses of the other services: NAT gateways carry their traffic",
    ),
    Saving("database.multiAz", False, "the standby: a failure, or a change of the class, is an outage"),
    Saving("database.instanceClass", "db.t4g.medium", "processor time and memory, and a class without CPU credits"),
    Saving("database.maxAllocatedStorageGib", 220, "room to grow"),
    Saving("service.maxReplicas", 6, "room for a higher load"),
    Saving("edge.firewall", False, "managed rules and the rate limit for each client"),
)


@cache
def estimates() -> Mapping[str, Estimate]:
    """Return the estimate of each stack on AWS, the cheapest first."""
    found = {name: estimate(planned_stack(name)) for name in stack_names(ROOT) if name != "local"}
    return dict(sorted(found.items(), key=lambda each: each[1].rest))


def totals_table() -> str:
    """Return the total of each stack."""
    amounts = " | ".join(
        f"about {found.rest:.0f} to {found.most:.0f}{', and what has no price' if found.not_priced else ''}"
        for found in estimates().values()
    )
    return f"| {' | '.join(f'`{stack}`' for stack in estimates())} |\n|{'---|' * len(estimates())}\n| {amounts} |"


def components_table() -> str:
    """Return the range of each component in USD, and below it the number of each priced item."""
    stacks = estimates()
    head = ["", "USD each", *(f"`{stack}`" for stack in stacks)]
    lines = [f"| {' | '.join(head)} |", f"|---|---:|{'---:|' * len(stacks)}"]
    largest = max(stacks.values(), key=lambda found: found.rest)
    for component in dict.fromkeys(
        [*largest.components, *(name for each in stacks.values() for name in each.components)]
    ):
        items = {
            stack: {row.what: row for row in rows(each.components.get(component, ()))} for stack, each in stacks.items()
        }
        lines.append(_line(f"**{component}**", "", (_usd(each.values()) for each in items.values())))
        known = {what: row for each in items.values() for what, row in each.items()}
        lines += [
            _line(what, _each(row), (_count(each.get(what)) for each in items.values())) for what, row in known.items()
        ]
    return "\n".join([*lines, _line("**in all**", "", (_usd(rows(each.charges)) for each in stacks.values()))])


def savings_table() -> str:
    """Return what each change of a setting saves in each stack, alone, in USD a month."""
    head = ["Setting", *(f"`{stack}`" for stack in estimates()), "You lose"]
    return "\n".join([f"| {' | '.join(head)} |", f"|---|{'---:|' * len(estimates())}---|", *map(_saving, SAVINGS)])


def by_use_table() -> str:
    """Return what is charged by use in any of the stacks."""
    found = dict(sorted({type_: what for each in estimates().values() for type_, what, _ in each.by_use}.items()))
    return "\n".join(
        ["| Resource type | Charged |", "|---|---|", *(f"| `{type_}` | {found[type_]} |" for type_ in found)]
    )


def not_priced_list() -> str:
    """Return what has a fixed charge, but no price, in each stack."""
    found = {stack: sorted({each.what for each in known.not_priced}) for stack, known in estimates().items()}
    lines = [f"- `{stack}`: {', '.join(names)}" for stack, names in found.items() if names]
    return "\n".join(lines) or "Nothing: each fixed charge of the stacks above has a price."


def change_of(stack: str, saving: Saving) -> CostChange | None:
    """Return the change if a committed stack had the value of a saving; None if the value is not valid there."""
    values = own_values(load_stack_file(ROOT / f"Pulumi.{stack}.yaml").readable())
    current = estimates()[stack]
    try:
        settings = parse_settings(with_value(dict(values), saving.path, saving.value), stack)
    except SettingsError:
        return None
    if settings == parse_settings(dict(values), stack):
        return cost_change(current, current)
    cheaper = planned(record(lambda: build(settings, stack, APP), stack))
    return cost_change(current, estimate(cheaper))


def _saving(saving: Saving) -> str:
    cells = (difference(change_of(stack, saving)) for stack in estimates())
    return f"| `{saving.text}` | {' | '.join(cells)} | {saving.loses} |"


def difference(change: CostChange | None) -> str:
    """Return what is saved; nothing if the stack has such a value, or a cheaper one."""
    if change is None:
        return ""
    if not change.comparable:
        return "no price"
    if change.rest >= 0 and change.most >= 0:
        return ""
    rest = signed(change.rest) if change.rest else "0"
    return rest if change.rest == change.most else f"{rest}, at most {signed(change.most)}"


def _line(name: str, each: str, cells: Iterator[str]) -> str:
    return f"| {name} | {each} | {' | '.join(cells)} |"


def _each(row: Amount) -> str:
    return f"{'~' if row.price.estimate else ''}{row.price.usd:g}"


def _count(row: Amount | None) -> str:
    return number_range(row.rest, row.most) if row else ""


def _usd(found: Any) -> str:
    lines = list(found)
    rest, most = sum(row.rest_usd for row in lines), sum(row.most_usd for row in lines)
    text = f"{rest:.0f}" if rest == most else f"{rest:.0f} to {most:.0f}"
    return f"**{text}**" if lines else ""
