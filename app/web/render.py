"""Templates become answers. Everything in them is escaped, and a name that is not given is an error."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse

from app import __version__
from app.web.static import static_url

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"


def render(
    template: str, status: int = 200, *, headers: Mapping[str, str] | None = None, **context: Any
) -> HTMLResponse:
    """Return the page; the rest of the arguments are what the template names."""
    return HTMLResponse(environment().get_template(template).render(context), status, headers)


@cache
def environment() -> "Environment":
    """Return the one environment; made at the first page, so that an API that serves none never pays for it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals |= {"static": static_url, "version": __version__}
    made.filters |= {"utc": utc, "machine_time": machine_time, "code": code}
    return made


def utc(instant: datetime) -> str:
    """Return the instant as people read it: `31 Jan 2026, 12:00 UTC`."""
    there = instant.astimezone(UTC)
    return f"{there.day} {there:%b %Y, %H:%M} UTC"


def machine_time(instant: datetime) -> str:
    """Return the instant for the `datetime` attribute of `<time>`, in whole seconds."""
    return instant.astimezone(UTC).isoformat(timespec="seconds")


def code(text: str) -> "Markup":
    """Return the text, escaped, with what stands between backticks as code."""
    from markupsafe import Markup, escape  # noqa: PLC0415 (comes with Jinja)

    parts = (
        Markup("<code>{}</code>").format(part) if n % 2 else escape(part) for n, part in enumerate(text.split("`"))
    )
    return Markup("").join(parts)
