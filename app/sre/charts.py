"""Lines for charts: numbers become the points of an SVG path, in a box of fixed size that the page stretches."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

WIDTH, HEIGHT = 600, 120


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A line and the area below it."""

    line: str
    """The `d` of a path; a new stroke begins after each gap."""
    area: str
    top: float
    """Value at the upper edge; the lower edge is 0."""
    peak: float | None
    last: float | None


def chart(values: Sequence[float | None], least_top: float) -> Chart:
    """Return the chart of values at equal distances; None is a gap. `least_top` is the minimum of the upper edge."""
    known = [value for value in values if value is not None]
    top = nice_ceiling(max([least_top, *known]))
    strokes = [_widened(stroke) for stroke in _strokes(values, top)]
    return Chart(
        line="".join(f"M{_path(stroke)}" for stroke in strokes),
        area="".join(f"M{_path([(stroke[0][0], HEIGHT), *stroke, (stroke[-1][0], HEIGHT)])}Z" for stroke in strokes),
        top=top,
        peak=max(known, default=None),
        last=known[-1] if known else None,
    )


def nice_ceiling(value: float) -> float:
    """Return the next of 1, 2, 2.5, 5 and 10 times a power of ten; `value` is above 0."""
    power = 10.0 ** floor(log10(value))
    step = next((step for step in (1, 2, 2.5, 5, 10) if step * power >= value * (1 - 1e-9)), 10)
    return float(f"{step * power:.6g}")


def _strokes(values: Sequence[float | None], top: float) -> list[list[tuple[float, float]]]:
    strokes: list[list[tuple[float, float]]] = []
    step = WIDTH / max(len(values) - 1, 1)
    gap = True
    for position, value in enumerate(values):
        if value is None:
            gap = True
            continue
        if gap:
            strokes.append([])
            gap = False
        strokes[-1].append((round(position * step, 1), round(HEIGHT * (1 - value / top), 1)))
    return strokes


def _widened(stroke: list[tuple[float, float]]) -> list[tuple[float, float]]:
    # A single minute between gaps would be a line without length, which is invisible.
    if len(stroke) > 1:
        return stroke
    (x, y) = stroke[0]
    return [(max(x - 3, 0), y), (min(x + 3, WIDTH), y)]


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "L".join(f"{x:g},{y:g}" for x, y in points)
