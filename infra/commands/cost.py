"""`drydock cost STACK`: the monthly cost of the planned stack, and how a commit differs."""

import json
from dataclasses import asdict

from rich.console import Console

from infra.commands.arguments import Json, Stack
from infra.commands.diff import Base
from infra.costs import report
from infra.costs.budget import over_budget
from infra.costs.change import cost_line
from infra.costs.estimate import estimate
from infra.difference.compare import diff_stacks
from infra.engine import session
from infra.engine.planned import planned
from infra.engine.progress import Progress
from infra.errors import OperationError

WIDTH = 120


def cost(stack: Stack, *, base: Base = None, as_json: Json = False) -> None:
    """Estimate the monthly cost of the planned stack, and compare it with its budget or a commit. Needs no cloud."""
    settings = session.read_settings(stack)
    if base is not None:
        _compare(stack, base, as_json=as_json)
        return
    found = estimate(planned(stack))
    if as_json:
        print(json.dumps(report.to_json(found, stack, settings.budget.monthly_usd), indent=2))
    else:
        console = Console(width=WIDTH, soft_wrap=True, markup=False, highlight=False)
        console.print(report.table(found, stack))
        for line in report.notes(found, settings.budget.monthly_usd):
            console.print(line)
    if message := over_budget(found, settings):
        raise OperationError(f"{stack}: {message}")


def _compare(stack: str, base: str, *, as_json: bool) -> None:
    plan = diff_stacks(base, [stack], progress=Progress(each_resource=False)).plans[stack]
    if plan.cost is None:
        raise OperationError("\n  ".join([f"the preview of {stack} failed:", *plan.errors]))
    if as_json:
        print(json.dumps({"stack": stack, "base": plan.base, **asdict(plan.cost)}, indent=2))
        return
    console = Console(width=WIDTH, soft_wrap=True, markup=False, highlight=False)
    console.print(report.comparison(plan.cost, f"{stack}, compared with {plan.base}: USD a month"))
    console.print(f"{stack}: {cost_line(plan.cost)}")
