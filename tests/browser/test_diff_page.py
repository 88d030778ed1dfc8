"""The page of `drydock diff --html` in a browser, opened as a file."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.review import plan_from_events
from infra.review.page import to_html
from infra.review.plan import Node
from tests.infra.review.scenes import SCENES

HOSTILE = "</script><script>document.title = 'run'</script><!-- <b>"


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open a page with a dangerous plan and one with a hostile value; fail on any complaint of the browser."""
    plan = plan_from_events(SCENES["dangerous"], graph=True)
    node = Node(
        urn="urn::x", type="a:b:C", name="hostile", component="x (X)", dependencies=(), properties={"a": HOSTILE}
    )
    file = tmp_path / "page.html"
    file.write_text(to_html({"prod": plan, "dev": replace(plan, changes=(), nodes=(*plan.nodes, node))}))
    context = browser.new_context(color_scheme=request.param, viewport={"width": 1400, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda sent: None if sent.url.startswith("file:") else complaints.append(sent.url))
    page.goto(file.as_uri())
    yield page
    assert complaints == []
    context.close()


def test_lists_the_changes_and_shows_their_properties_at_a_click(page: Page) -> None:
    """The components are folded at first; a click opens the component and the details."""
    details = page.locator("#details")
    expect(page.locator(".box ul")).to_have_count(0)
    details.get_by_role("button", name="database-instance").click()

    expect(details.get_by_role("heading", name="database-instance")).to_be_visible()
    expect(details).to_contain_text("loses the database")
    expect(details).to_contain_text("username")
    expect(page.locator(".box.replace [aria-expanded=true], .box.delete [aria-expanded=true]")).to_have_count(1)


def test_shows_only_what_changes(page: Page) -> None:
    page.get_by_role("button", name="Open all").click()
    everything = page.locator(".box li").count()
    page.get_by_label("Only what changes").check()

    assert 0 < page.locator(".box li").count() < everything
    expect(page.locator(".box li.same")).to_have_count(0)


def test_values_are_shown_as_text(page: Page) -> None:
    """A value of a resource can neither end the data nor become markup."""
    page.get_by_role("tab", name="dev").click()
    page.get_by_label("Find a resource").fill("hostile")
    page.locator("li", has_text="hostile").get_by_role("button").click()

    expect(page.locator("#details dd")).to_have_text(HOSTILE)
    assert page.title() == "What changes"
