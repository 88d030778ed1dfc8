"""The answers as tables for a terminal."""

from rich.table import Table

from infra.reach.matrix import Matrix
from infra.reach.verdict import Answer, Verdict

COLOURS = {Verdict.YES: "green", Verdict.SOME: "yellow", Verdict.UNKNOWN: "magenta", Verdict.NO: "red"}


def grid(matrix: Matrix) -> Table:
    """One row for each place that asks, one column for each that is asked for."""
    table = Table("from \\ to", box=None, pad_edge=False)
    for name, place in matrix.targets.items():
        table.add_column(f"{name}\n{' '.join(dict.fromkeys(str(port.number) for port in place.ports))}")
    for source in matrix.sources:
        row = matrix.row(source)
        table.add_row(source, *(_cell(row.get(target)) for target in matrix.targets))
    return table


def decisions(matrix: Matrix, source: str | None = None) -> Table:
    """One row for each question, with the hop that decides it."""
    table = Table("from", "to", "port", "", "decided by", box=None, pad_edge=False)
    for name in [source] if source else matrix.sources:
        for target, found in matrix.row(name).items():
            table.add_row(name, target, found.port, _cell(found), str(found.decides))
    return table


def hops(found: Answer) -> Table:
    """Every hop of every path, in their order; paths that differ in their subnets alone stand once."""
    table = Table("path", "hop", "", "because", box=None, pad_edge=False)
    shown = set()
    for path in found.paths:
        kinds = tuple((hop.at.partition(" of ")[0], hop.verdict) for hop in path.hops)
        if (key := (path.verdict, tuple(kind for kind in kinds))) in shown:
            continue
        shown.add(key)
        for index, hop in enumerate(path.hops):
            name = f"{path.source} -> {path.target}" if index == 0 else ""
            table.add_row(name, hop.at, _mark(hop.verdict), hop.why + _remedy(hop.verdict, hop.remedy))
    return table


def _remedy(verdict: Verdict, remedy: str) -> str:
    return f" (to allow it: {remedy})" if verdict is not Verdict.YES and remedy else ""


def _cell(found: Answer | None) -> str:
    return _mark(found.verdict) if found else "[dim]-[/dim]"


def _mark(verdict: Verdict) -> str:
    return f"[{COLOURS[verdict]}]{verdict}[/{COLOURS[verdict]}]"
