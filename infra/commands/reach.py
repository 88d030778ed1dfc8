"""`drydock reach STACK [FROM] [TO]`: which places reach each other on which port, and the hop that decides."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from infra.commands.arguments import Stack
from infra.engine import session
from infra.engine.planned import planned
from infra.errors import InputError
from infra.picture.reachability import picture
from infra.reach import tables
from infra.reach.matrix import Matrix, matrix_of

WIDTH = 180  # a hop is one line, which the terminal may wrap


def reach(
    stack: Stack,
    source: Annotated[str | None, typer.Argument(metavar="FROM", help="Source; default: all.")] = None,
    target: Annotated[str | None, typer.Argument(metavar="TO", help="Target; default: all.")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="NAME", help="Target, also without FROM.")] = None,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Draw a picture into this file.")] = None,
) -> None:
    """Show which places reach each other in the planned stack. Needs no cloud and no credentials."""
    session.read_settings(stack)
    if svg and not svg.absolute().parent.is_dir():
        raise InputError(f"--svg {svg}: the folder {svg.parent} does not exist; create it, or use another path")
    if target and to:
        raise InputError(f"--to {to}: {target} is the target already; use one of them")
    target = target or to
    matrix = matrix_of(planned(stack))
    _require(stack, "FROM", source, list(matrix.sources))
    _require(stack, "TO", target, list(matrix.targets))
    console = Console(width=WIDTH, soft_wrap=True)
    if source and target:
        _print_one(console, matrix, source, target)
    else:
        if source is None and target is None:
            console.print(tables.grid(matrix))
            console.print()
        console.print(tables.decisions(matrix, source, target))
    if svg:
        svg.write_text(picture(matrix, stack))


def _require(stack: str, what: str, name: str | None, known: list[str]) -> None:
    if name is not None and name not in known:
        raise InputError(f"{name}: {stack} has no such {what}; choose one of: {', '.join(known)}")


def _print_one(console: Console, matrix: Matrix, source: str, target: str) -> None:
    found = matrix.answers.get((source, target))
    if found is None:
        raise InputError(
            f"{source} to {target}: there is no such traffic; run `drydock reach` without FROM and TO to see all"
        )
    console.print(
        f"{source} -> {target} ({found.port}): {found.verdict}, decided by {found.decides}\n", highlight=False
    )
    for line in tables.hops(found):
        console.print(line, highlight=False)
