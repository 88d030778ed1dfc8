"""Parts of Markdown that several reports share. No text of a plan can break out of its place."""

from collections.abc import Iterable
from html import escape

from infra.review.plan import Change, PropertyChange

MAX_PROPERTIES = 4


def resource(change: Change) -> str:
    """Return the name and the type of a resource."""
    return f"{code(change.name)} {code(change.type)}"


def details(change: Change, most: int = MAX_PROPERTIES) -> Iterable[str]:
    """Yield where a resource was before, and its changed properties and options; those that replace it first."""
    if change.moved_from:
        yield f"moved from {code(change.moved_from.partition('::')[2].partition('::')[2])}"
    ordered = sorted(change.properties, key=lambda each: not each.replaces)
    lines = [*map(_property, ordered), *(f"option {_property(each)}" for each in change.options)]
    yield from lines[:most]
    yield from more(len(lines) - most, "property", "properties")


def _property(each: PropertyChange) -> str:
    return f"{code(each.path)}: {_value(each.old)} → {_value(each.new)}"


def _value(value: str | None) -> str:
    return "not set" if value is None else code(value)


def code(text: str) -> str:
    """Return a text as code in one line of a table."""
    return f"`{' '.join(text.split()).replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def prose(text: str) -> str:
    """Return a text that cannot break out of its cell, become markup, or call somebody."""
    line = "<br>".join(part.strip() for part in escape(text, quote=False).splitlines())
    return line.replace("|", "\\|").replace("@", "&#64;").replace("[", "&#91;")


def plural(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def judged(violations: int, advisories: int) -> str:
    """Return the numbers of what policies found."""
    return f"{plural(violations, 'violation')}, {plural(advisories, 'advisory', 'advisories')}"


def more(number: int, one: str, many: str = "") -> list[str]:
    """Return a line about what is left out, if there is more."""
    return [f"and {plural(number, f'more {one}', f'more {many}' if many else '')}"] if number > 0 else []
