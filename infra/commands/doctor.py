"""`drydock doctor [STACK]`: check this machine for `make up`, or an AWS account for a stack."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from infra.engine import account_preflight, account_report, preflight, session
from infra.engine.places import LOCAL_STACK, ROOT, stack_names
from infra.errors import InputError, OperationError
from infra.toolchain import inventory, machine
from infra.toolchain.inventory import Row
from infra.toolchain.machine import Check
from localcloud import control
from stacks.end_of_life import ending

GATEWAY = "127.0.0.1"
WIDTH = 110


def doctor(
    stack: Annotated[
        str | None, typer.Argument(help="A stack on AWS, to check its account instead.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
) -> None:
    """Show what is found, what is missing and how to get it; exit with 1 if `make up`, or `up STACK`, would fail."""
    if stack is not None:
        _account(stack, as_json=as_json)
        return
    rows = inventory.rows()
    checks = [*machine.checks(builds=inventory.builds(rows), checkout=ROOT), _service_port(), *_versions()]
    everything: list[Row | Check] = [*rows, *checks]
    broken = [each.name for each in everything if blocks(each)]
    if as_json:
        found = {"ok": not broken, "tools": [asdict(row) for row in rows], "checks": [asdict(each) for each in checks]}
        print(json.dumps(found, indent=2))
    else:
        _print(rows, checks)
    if broken:
        raise OperationError(f"`make up` would fail: {', '.join(broken)}; see the remedies above")
    if not as_json:
        print("`make up` works on this machine")


def _account(stack: str, *, as_json: bool) -> None:
    if stack == LOCAL_STACK:
        raise InputError(f"{stack} needs no AWS account; for this machine run: drydock doctor")
    session.read_settings(stack)
    account_report.show(stack, account_preflight.report(stack), as_json=as_json)


def blocks(each: Row | Check) -> bool:
    """Return whether `make up` fails because of it."""
    return not each.ok and (isinstance(each, Check) or each.needed)


def _service_port() -> Check:
    """Check that the ports of the service are free, or in use by the local cloud itself."""
    needed = f"free on {GATEWAY}, for the service"
    try:
        edge = session.read_settings(LOCAL_STACK).edge
        ports = {"edge.httpPort": edge.http_port} | ({"edge.httpsPort": edge.https_port} if edge.secure else {})
        shown = ", ".join(map(str, ports.values()))
        if control.status(session.state_folder(LOCAL_STACK)):
            found = f"{shown}, in use by the running local cloud"
        else:
            for setting, port in ports.items():
                preflight.require_free_port(GATEWAY, setting, port, LOCAL_STACK)
            found = f"{shown}, free"
    except InputError as error:
        return Check(name="service port", ok=False, found="not usable", needed=needed, remedy=str(error))
    return Check(name="service port", ok=True, found=found, needed=needed, remedy="")


def _versions() -> Iterator[Check]:
    """Check that the versions of each stack are supported; support that ends within 90 days is a note."""
    today = datetime.now(UTC).date()
    for stack in stack_names():
        try:
            lines = list(ending(session.read_settings(stack), today))
        except InputError:
            continue  # every command for the stack reports the errors of its file
        found = "support ends or has ended" if lines else "supported"
        yield Check(
            name=f"versions of {stack}", ok=True, found=found, needed="supported by AWS", remedy="; ".join(lines)
        )


def _print(rows: list[Row], checks: list[Check]) -> None:
    console = Console(width=WIDTH)
    tools = Table("tool", "version", "from", "accepted", "for", box=None, pad_edge=False)
    for row in rows:
        tools.add_row(
            row.name, row.version or "-", _sign(row.ok, row.source, needed=row.needed), row.accepted, row.purpose
        )
    machine_table = Table("this machine", "found", "needed", box=None, pad_edge=False)
    for each in checks:
        machine_table.add_row(each.name, _sign(each.ok, each.found), each.needed)
    console.print(tools)
    console.print()
    console.print(machine_table)
    console.print()
    for line in remedies([*rows, *checks]):
        print(line)


def remedies(everything: list[Row | Check]) -> list[str]:
    """Return one line for each remedy, those that block `make up` first."""
    worth_saying = sorted((each for each in everything if each.remedy), key=lambda each: not blocks(each))
    return [f"{_weight(each):<8}  {each.name}: {each.remedy}" for each in worth_saying]


def _weight(each: Row | Check) -> str:
    if blocks(each):
        return "NEEDED"
    return "note" if each.ok else "optional"


def _sign(ok: bool, text: str, *, needed: bool = True) -> str:
    return text if ok else f"[red]{text}[/red]" if needed else f"[yellow]{text}[/yellow]"
