"""Renders the reachability matrix as tables for a terminal."""

from collections.abc import Iterator

from rich.markup import escape
from rich.table import Table

from infra.reach.matrix import Matrix
from infra.reach.verdict import Answer, Hop, Path, Verdict

COLOURS = {Verdict.YES: "green", Verdict.SOME: "yellow", Verdict.UNKNOWN: "magenta", Verdict.NO: "red"}


def grid(matrix: Matrix) -> Table:
    """Return a table with one row for each source and one column for each target."""
    table = Table("from \\ to", box=None, pad_edge=False)
    for name, place in matrix.targets.items():
        table.add_column(f"{name}\n{' '.join(dict.fromkeys(str(port.number) for port in place.ports))}")
    for source in matrix.sources:
        row = matrix.row(source)
        table.add_row(source, *(_cell(row.get(target)) for target in matrix.targets))
    return table


def decisions(matrix: Matrix, source: str | None = None, target: str | None = None) -> Table:
    """Return a table with one row for each pair of source and target, with the deciding hop.

    Args:
        matrix: all answers.
        source: the only source; default: all.
        target: the only target; default: all.
    """
    table = Table("from", "to", "port", "", "decided by", box=None, pad_edge=False)
    for name in [source] if source else matrix.sources:
        for other, found in matrix.row(name).items():
            if target in (None, other):
                table.add_row(name, other, found.port, _cell(found), escape(str(found.decides)))
    return table


def hops(found: Answer) -> Iterator[str]:
    """Yield lines with all hops of all paths in order; of paths with the same kinds of hops, only the first."""
    alike: dict[tuple[tuple[str, Verdict], ...], list[Path]] = {}
    for path in found.paths:
        alike.setdefault(tuple((_kind(hop), hop.verdict) for hop in path.hops), []).append(path)
    for paths in alike.values():
        first, others = paths[0], len(paths) - 1
        more = f" ({others} more from or to other subnets are alike)" if others else ""
        yield f"{escape(first.source)} -> {escape(first.target)}{more}"
        for hop in first.hops:
            yield f"  {_mark(hop.verdict)}{' ' * (8 - len(hop.verdict))}{escape(str(hop))}"
            if hop.verdict is not Verdict.YES and hop.remedy:
                yield f"          to allow it: {escape(hop.remedy)}"


def _kind(hop: Hop) -> str:
    return " ".join(hop.at.split()[:2])


def _cell(found: Answer | None) -> str:
    return _mark(found.verdict) if found else "[dim]-[/dim]"


def _mark(verdict: Verdict) -> str:
    return f"[{COLOURS[verdict]}]{verdict}[/{COLOURS[verdict]}]"
