"""`drydock cost STACK`: the monthly cost of the planned stack."""

import json

from rich.console import Console

from infra.commands.arguments import Json, Stack
from infra.costs import report
from infra.costs.estimate import estimate
from infra.engine import session
from infra.engine.planned import planned


def cost(stack: Stack, *, as_json: Json = False) -> None:
    """Estimate the monthly cost of the planned stack, at rest and at most. Needs no cloud and no credentials."""
    session.read_settings(stack)
    found = estimate(planned(stack))
    if as_json:
        print(json.dumps(report.to_json(found, stack), indent=2))
        return
    console = Console(width=120, soft_wrap=True, markup=False, highlight=False)
    console.print(report.table(found, stack))
    for line in report.notes(found):
        console.print(line)
