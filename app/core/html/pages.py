"""Pages from templates. Every value in them is escaped, and a missing value is an error."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.responses import HTMLResponse

from app import __version__
from app.core.html.static import SHARED, StaticFiles

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"


class Link(NamedTuple):
    """An entry of the navigation."""

    name: str
    """Name of the page; `here` of `Pages.render` names the current one."""
    title: str
    href: str
    admin: bool = False
    """True if the page is for operators, and so on ADMIN_PORT if that is set."""


class Pages:
    """The pages of one feature: its folder has `templates/` and may have `static/`.

    Templates extend the shared `base.html`. Jinja is loaded with the first page, so an API that serves no page does not
    pay for it.
    """

    def __init__(self, folder: Path, links: Sequence[Link] = (), *, separate_admin: bool = False) -> None:
        """Take the folder of the feature.

        Args:
            folder: holds `templates/` and `static/`.
            links: the navigation, read for each page.
            separate_admin: whether pages of operators are on a port of their own; pages link only within their port.
        """
        self._templates = folder / "templates"
        self._links = links
        self._separate_admin = separate_admin
        self.static = StaticFiles(folder / "static")

    def render(
        self,
        template: str,
        status: int = 200,
        *,
        here: str = "",
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """Return the page `here`; `context` holds what the template names."""
        on_admin_port = any(link.admin for link in self._links if link.name == here)
        links = [link for link in self._links if not self._separate_admin or link.admin == on_admin_port]
        page = self.environment.get_template(template).render(here=here, links=links, **context)
        return HTMLResponse(page, status, headers)

    @cached_property
    def environment(self) -> "Environment":
        """The environment of the templates, created with the first page."""
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

        environment = Environment(
            loader=FileSystemLoader([self._templates, TEMPLATES]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.globals |= {"static": self._static_url, "version": __version__}
        environment.filters |= {"utc": utc, "machine_time": machine_time, "code": code}
        return environment

    def _static_url(self, name: str) -> str:
        return self.static.url(name) if name in self.static.files else SHARED.url(name)


def utc(instant: datetime) -> str:
    """Return the instant as people read it: `31 Jan 2026, 12:00 UTC`."""
    instant = instant.astimezone(UTC)
    return f"{instant.day} {instant:%b %Y, %H:%M} UTC"


def machine_time(instant: datetime) -> str:
    """Return the instant for the `datetime` attribute of `<time>`, in whole seconds."""
    return instant.astimezone(UTC).isoformat(timespec="seconds")


def code(text: str) -> "Markup":
    """Return the text, escaped, with what is between backticks as code."""
    from markupsafe import Markup, escape  # noqa: PLC0415 (comes with Jinja)

    parts = (
        Markup("<code>{}</code>").format(part) if n % 2 else escape(part) for n, part in enumerate(text.split("`"))
    )
    return Markup("").join(parts)
