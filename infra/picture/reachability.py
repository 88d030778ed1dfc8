"""Draws the reachability matrix: the allowed traffic, and below it a table of all sources and targets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from infra.picture.svg import Area, Point, arrow, box, document, fit, text
from infra.reach.matrix import Matrix
from infra.reach.verdict import Answer, Verdict

WIDTH, MARGIN = 1240, 32
BOX_WIDTH, BOX_HEIGHT, GAP = 290, 54, 16
CELL_WIDTH, CELL_HEIGHT = 108, 30
TOP = 96
FAINT = "#66727f"  # frame of a place that cannot reach anything
FLOWS = ("#2563eb", "#c2410c", "#047857", "#7c3aed", "#be185d", "#0e7490", "#4d7c0f", "#854d0e")
CELLS = {
    Verdict.YES: ("#d6f2df", "#116235"),
    Verdict.SOME: ("#fdeec2", "#7a5300"),
    Verdict.UNKNOWN: ("#e8e0fb", "#55309c"),
    Verdict.NO: ("#fbe3e1", "#9a2018"),
}


@dataclass(frozen=True, kw_only=True)
class _Sender:
    """Sources that reach the same targets and are drawn as one box."""

    names: tuple[str, ...]
    flows: Mapping[str, Answer]


def picture(matrix: Matrix, stack: str) -> str:
    """Return the picture as an SVG document."""
    senders = _senders(matrix)
    targets = [name for name in matrix.targets if any(name in sender.flows for sender in senders)]
    rows = max(len(senders), len(targets))
    below = TOP + rows * (BOX_HEIGHT + GAP) + 70
    height = below + 64 + CELL_HEIGHT * len(matrix.sources) + 76
    parts = [
        text(MARGIN, 44, f"{stack}: who reaches whom", size=24, weight=650),
        text(MARGIN, 70, "What passes every hop of the planned network; hover for the hop that decides.", kind="faint"),
        *_flows(senders, targets, rows),
        text(MARGIN, below, "Every question", size=17, weight=650),
        *_cells(matrix, below + 24),
        *_legend(height - 28),
    ]
    return document(WIDTH, height, f"Who reaches whom in {stack}", "\n".join(parts))


def _senders(matrix: Matrix) -> list[_Sender]:
    """Return the sources, grouped by the targets that they reach; those that reach nothing come last."""
    groups: dict[tuple[tuple[str, Verdict], ...], list[str]] = {}
    for name in matrix.sources:
        passed = [(target, found.verdict) for target, found in matrix.row(name).items() if found.passed]
        groups.setdefault(tuple(passed), []).append(name)
    found = [
        _Sender(names=tuple(names), flows={target: matrix.answers[names[0], target] for target, _ in key})
        for key, names in groups.items()
    ]
    return sorted(found, key=lambda sender: not sender.flows)


def _flows(senders: list[_Sender], targets: list[str], rows: int) -> Iterator[str]:
    left, right = MARGIN, WIDTH - MARGIN - BOX_WIDTH
    step = BOX_HEIGHT + GAP
    start = {count: TOP + (rows - count) * step / 2 for count in (len(senders), len(targets))}
    middles = {name: start[len(targets)] + i * step + BOX_HEIGHT / 2 for i, name in enumerate(targets)}
    boxes = []
    deciders: dict[str, Answer] = {}
    for index, sender in enumerate(senders):
        colour = FLOWS[index % len(FLOWS)] if sender.flows else FAINT
        y = start[len(senders)] + index * step
        title = ", ".join(_short(sender.names))
        boxes.append(box(Area(left, y, BOX_WIDTH, BOX_HEIGHT), title, [_where(sender)], colour))
        spread = min(6.0, (BOX_HEIGHT - 14) / max(len(sender.flows), 1))
        for place, (target, found) in enumerate(sender.flows.items()):
            begin = y + BOX_HEIGHT / 2 + (place - (len(sender.flows) - 1) / 2) * spread
            end = middles[target] + (index - len(senders) / 2) * 5
            if found.verdict is Verdict.YES or target not in deciders:
                deciders[target] = found
            yield _curve((left + BOX_WIDTH, begin), (right, end), found, colour)
    for name, middle in middles.items():
        found = deciders[name]
        top = middle - BOX_HEIGHT / 2
        boxes.append(
            box(Area(right, top, BOX_WIDTH, BOX_HEIGHT), f"{name}  ·  {found.port}", [f"by {found.decides.at}"])
        )
    yield from boxes


def _short(names: tuple[str, ...]) -> list[str]:
    """Return the names, with all pods combined into one entry."""
    pods = [name.removeprefix("pods/") for name in names if name.startswith("pods/")]
    return [*(name for name in names if not name.startswith("pods/")), *([f"pods: {', '.join(pods)}"] if pods else [])]


def _where(sender: _Sender) -> str:
    if not sender.flows:
        return "reaches nothing" if len(sender.names) == 1 else "reach nothing"
    paths = [path for found in sender.flows.values() for path in found.paths]
    subnets = sorted({path.source.partition(" in ")[2] for path in paths} - {""})
    if len(subnets) > 3:
        return f"in {len(subnets)} subnets"
    if not subnets:
        return "outside the VPC"
    heads = {name.rpartition("-")[0] for name in subnets}
    tails = [name.rpartition("-")[2] for name in subnets]
    return f"in {heads.pop()}-{', '.join(tails)}" if len(heads) == 1 else f"in {', '.join(subnets)}"


def _curve(start: Point, end: Point, found: Answer, colour: str) -> str:
    (x1, y1), (x2, y2) = start, end
    bend = (x2 - x1) * 0.45
    way = f"M{x1:g},{y1:g} C{x1 + bend:g},{y1:g} {x2 - bend:g},{y2:g} {x2 - 9:g},{y2:g}"
    told = f"{found.source} -> {found.target} ({found.port}): {found.verdict}, {found.decides}"
    return arrow(way, (x2 - 1, y2), (1, 0), colour, told, dashed=found.verdict is not Verdict.YES)


def _cells(matrix: Matrix, top: float) -> Iterator[str]:
    left = MARGIN + 150
    width = min(CELL_WIDTH, (WIDTH - left - MARGIN) / max(len(matrix.targets), 1))
    for column, (name, place) in enumerate(matrix.targets.items()):
        x = left + column * width + width / 2
        yield text(x, top + 12, fit(name, 16), size=12, weight=600, anchor="middle")
        ports = ", ".join(str(port.number) for port in {port.number: port for port in place.ports}.values())
        yield text(x, top + 27, ports, size=11, kind="faint", anchor="middle")
    for row, source in enumerate(matrix.sources):
        y = top + 38 + row * CELL_HEIGHT
        yield text(left - 12, y + 19, fit(source, 20), size=12, weight=600, anchor="end")
        answers = matrix.row(source)
        for column, target in enumerate(matrix.targets):
            yield _cell(left + column * width, y, width, answers.get(target))


def _cell(x: float, y: float, width: float, found: Answer | None) -> str:
    if found is None:
        return text(x + width / 2, y + 18, "-", size=12, kind="faint", anchor="middle")
    fill, ink = CELLS[found.verdict]
    told = escape(f"{found.source} -> {found.target} ({found.port}): {found.decides}")
    return (
        f'<g><rect x="{x + 2:g}" y="{y + 2:g}" width="{width - 4:g}" height="{CELL_HEIGHT - 4}" rx="5" fill="{fill}"/>'
        + text(x + width / 2, y + 19, found.verdict.value, size=12, kind=ink, anchor="middle")
        + f"<title>{told}</title></g>"
    )


def _legend(y: float) -> Iterator[str]:
    meanings = {
        Verdict.YES: "passes every hop",
        Verdict.SOME: "some addresses or paths only",
        Verdict.UNKNOWN: "the plan does not determine it",
        Verdict.NO: "refused",
    }
    x = float(MARGIN)
    for verdict, meaning in meanings.items():
        fill, ink = CELLS[verdict]
        yield f'<rect x="{x:g}" y="{y - 15:g}" width="66" height="22" rx="5" fill="{fill}"/>'
        yield text(x + 33, y, verdict.value, size=12, kind=ink, anchor="middle")
        yield text(x + 74, y, meaning, size=12, kind="faint")
        x += 110 + 7 * len(meaning)
