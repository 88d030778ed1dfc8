"""The elements of the pictures: texts, boxes and arrows in SVG, with light and dark colour schemes."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

FONT = "font-family: ui-sans-serif, system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"
# CSS classes, because colours depend on the reader's colour scheme; a viewer without media queries uses the light one.
COLOURS = """<style>
.paper { fill: #ffffff } .panel { fill: #f4f6f8 } .tier { fill: #fafbfc; stroke: #d5dbe1 } .frame { fill: none; stroke: #66727f }
.ink { fill: #1c2733 } .faint { fill: #5b6672 } .edge { stroke: #1c2733 } .quiet { stroke: #97a2ad }
@media (prefers-color-scheme: dark) {
.paper { fill: #0f151b } .panel { fill: #1d262f } .tier { fill: #151c23; stroke: #303b46 } .frame { fill: none; stroke: #7d8995 }
.ink { fill: #e8edf2 } .faint { fill: #a3afba } .edge { stroke: #e8edf2 } .quiet { stroke: #566270 }
}
</style>"""  # noqa: E501 - a line for each colour scheme reads best

Point = tuple[float, float]


class Area(NamedTuple):
    """A rectangle in a picture."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x coordinate of the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y coordinate of the bottom edge."""
        return self.y + self.height

    @property
    def middle(self) -> Point:
        """The centre of the rectangle."""
        return self.x + self.width / 2, self.y + self.height / 2


def document(width: float, height: float, label: str, body: str) -> str:
    """Return a complete SVG document; `label` is the text for screen readers."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-label="{escape(label)}" style="{FONT}">\n{COLOURS}\n'
        f'<rect width="{width:g}" height="{height:g}" rx="12" class="paper"/>\n{body}\n</svg>\n'
    )


def text(  # noqa: PLR0917 - a place and what is written there
    x: float, y: float, words: str, size: int = 14, weight: int = 400, kind: str = "ink", anchor: str = "start"
) -> str:
    """Return one line of text; `kind` is a colour class, or a colour such as `#116235`."""
    colour = f'fill="{kind}"' if kind.startswith("#") else f'class="{kind}"'
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" font-weight="{weight}" {colour} text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def box(area: Area, title: str, notes: Sequence[str], colour: str = "") -> str:
    """Return a box with a title and lines of notes; text that does not fit is cut, and complete in the tooltip."""
    x, y, width, height = area
    line = f'class="panel" stroke="{colour}"' if colour else 'class="panel edge"'
    room = width - 28
    lines = [
        text(x + 14, y + 41 + 15 * i, fit(note, room / 5.7), size=11, kind="faint") for i, note in enumerate(notes)
    ]
    return (
        f'<g><rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="9" {line} stroke-width="1.6"/>'
        + text(x + 14, y + 23, fit(title, room / 7), size=13, weight=600)
        + "".join(lines)
        + f"<title>{escape(' '.join([title, *notes]))}</title></g>"
    )


def arrow(way: str, end: Point, towards: Point, colour: str, told: str, *, dashed: bool = False) -> str:
    """Return an arrow along the path `way`, with a head at `end` in the direction `towards` and the tooltip `told`."""
    (x, y), (dx, dy) = end, towards
    back, side = (x - 8 * dx, y - 8 * dy), (4 * dy, 4 * dx)
    head = f"M{back[0] - side[0]:g},{back[1] - side[1]:g} L{x:g},{y:g} L{back[0] + side[0]:g},{back[1] + side[1]:g} Z"
    dashes = ' stroke-dasharray="5 5"' if dashed else ""
    return (
        f'<g><path d="{way}" fill="none" stroke="{colour}" stroke-width="1.8" stroke-opacity="0.85"{dashes}/>'
        f'<path d="{head}" fill="{colour}"/><title>{escape(told)}</title></g>'
    )


def fit(words: str, room: float) -> str:
    """Truncate a text to about `room` characters."""
    return words if len(words) <= room else f"{words[: int(room) - 1]}…"
