"""Pages: all values are escaped, and a missing value is an error."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

import app
from app import __version__
from app.core.html.pages import TEMPLATES, Link, Pages, code, machine_time, utc
from app.core.html.static import SHARED
from tests.app.features import present

LINKS = [
    Link("users", "Users", "/"),
    Link("docs", "API", "/docs"),
    Link("dashboard", "Reliability", "/sre/dashboard-ui", admin=True),
]
APP = Path(app.__file__).parent


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    """The pages of a feature without templates or files of its own."""
    return Pages(tmp_path)


def test_a_page_has_its_status_type_and_headers(pages: Pages) -> None:
    """The base template adds the hashed URL of the style sheet and the version."""
    response = pages.render("message.html", 403, headers={"Retry-After": "1"}, title="A < B", text="No & no")
    page = bytes(response.body).decode()

    assert (response.status_code, response.media_type, response.headers["retry-after"]) == (403, "text/html", "1")
    assert "<h1>A &lt; B</h1>" in page
    assert "<p>No &amp; no</p>" in page
    assert SHARED.url("style.css") in page
    assert __version__ in page


def test_rejects_a_page_with_a_missing_value(pages: Pages) -> None:
    """Rendering fails instead of leaving a gap in the page."""
    with pytest.raises(UndefinedError, match="text"):
        pages.render("message.html", title="x")


def test_templates_have_no_inline_script_style_or_handler() -> None:
    """The content security policy forbids them. No template disables the escaping, or links to http."""
    templates = list(APP.rglob("templates/*.html"))
    assert len(list(TEMPLATES.glob("*.html"))) > 0
    assert {path.parts[-3] for path in templates} == {"html", *filter(present, ("sre", "web"))}
    for path in templates:
        source = path.read_text()
        for forbidden in (
            "<script>",
            "<style",
            " style=",
            " onclick",
            " onload",
            "|safe",
            "| safe",
            "autoescape",
            "http:",
        ):
            assert forbidden not in source, f"{path.name}: {forbidden}"


def test_the_environment_is_created_once(pages: Pages) -> None:
    """So templates are compiled once per process."""
    assert pages.environment is pages.environment


@pytest.mark.parametrize(
    ("separate", "here", "links"),
    [
        (False, "users", ["/", "/docs", "/sre/dashboard-ui"]),
        (False, "dashboard", ["/", "/docs", "/sre/dashboard-ui"]),
        (True, "users", ["/", "/docs"]),
        (True, "dashboard", ["/sre/dashboard-ui"]),
    ],
)
def test_pages_link_only_to_what_their_port_serves(tmp_path: Path, separate: bool, here: str, links: list[str]) -> None:
    """With an admin port the dashboard is on that port."""
    pages = Pages(tmp_path, LINKS, separate_admin=separate)
    page = bytes(pages.render("base.html", here=here).body).decode()
    navigation = page[page.index("<nav") : page.index("</nav>")]

    assert [part.split('"')[0] for part in navigation.split('href="')[1:]] == links
    assert navigation.count('aria-current="page"') == 1


def test_instants_are_shown_in_utc() -> None:
    """The text is to the minute, the attribute for programs to the second."""
    instant = datetime(2026, 1, 31, 23, 30, 59, 123456, timezone(timedelta(hours=-2)))

    assert utc(instant) == "1 Feb 2026, 01:30 UTC"
    assert machine_time(instant) == "2026-02-01T01:30:59+00:00"
    assert machine_time(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("", ""), ("a `b` c", "a <code>b</code> c"), ("`<i>` & <b>", "<code>&lt;i&gt;</code> &amp; &lt;b&gt;")],
)
def test_text_in_backticks_becomes_code(text: str, shown: str) -> None:
    """All of the text is escaped."""
    assert code(text) == shown


@given(st.text(alphabet="<>&\"'`ab/="))
def test_code_escapes_all_other_markup(text: str) -> None:
    """This holds for any text of special characters."""
    assert "<" not in code(text).replace("<code>", "").replace("</code>", "")
