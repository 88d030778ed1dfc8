"""`drydock cost STACK`: the monthly cost of the planned stack at rest."""

from rich.console import Console
from rich.table import Table

from infra.commands.arguments import Stack
from infra.costs.monthly import NOT_COUNTED, UnknownPriceError, monthly, total
from infra.costs.prices import CHECKED, REGION
from infra.engine import session
from infra.engine.planned import planned
from infra.errors import InputError


def cost(stack: Stack) -> None:
    """Show the monthly cost of the planned stack at rest. Needs no cloud and no credentials."""
    settings = session.read_settings(stack)
    if settings.region != REGION:
        raise InputError(f"{stack} is in {settings.region}; infra/costs/prices.py has prices only for {REGION}")
    try:
        lines = monthly(planned(stack))
    except UnknownPriceError as error:
        raise InputError(f"{stack}: {error}") from error
    table = Table(
        "What", "Count", "USD each", "USD a month", title=f"{stack} in {REGION}, prices of {CHECKED}, ~ estimated"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for line in lines:
        mark = "~" if line.price.estimate else ""
        table.add_row(line.what, str(line.count), f"{mark}{line.price.usd:.2f}", f"{mark}{line.usd:.2f}")
    table.add_section()
    table.add_row("in all", "", "", f"~{total(lines):.0f}")
    console = Console(width=120, soft_wrap=True)
    console.print(table)
    console.print("Not counted:")
    for each in NOT_COUNTED:
        console.print(f"- {each}")
