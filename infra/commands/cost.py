"""`drydock cost STACK`: the monthly cost of the planned stack."""

import json

from rich.console import Console

from infra.commands.arguments import Json, Stack
from infra.costs import report
from infra.costs.budget import over_budget
from infra.costs.estimate import estimate
from infra.engine import session
from infra.engine.planned import planned
from infra.errors import OperationError


def cost(stack: Stack, *, as_json: Json = False) -> None:
    """Estimate the monthly cost of the planned stack, and compare it with its budget. Needs no cloud."""
    settings = session.read_settings(stack)
    found = estimate(planned(stack))
    if as_json:
        print(json.dumps(report.to_json(found, stack, settings.budget.monthly_usd), indent=2))
    else:
        console = Console(width=120, soft_wrap=True, markup=False, highlight=False)
        console.print(report.table(found, stack))
        for line in report.notes(found, settings.budget.monthly_usd):
            console.print(line)
    if message := over_budget(found, settings):
        raise OperationError(f"{stack}: {message}")
