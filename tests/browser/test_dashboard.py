"""The dashboard in a browser."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import plain_http
from tests.support.service import Service

PATH = "/sre/dashboard-ui"
PATIENCE = 60_000  # ms


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def page(browser: Browser, service: Service, complaints: list[str]) -> Iterator[Page]:
    page = browser.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    yield page
    page.close()


def shown_requests(page: Page) -> int:
    return int(page.locator("[data-figure=requests]").inner_text().replace(",", ""))


def test_shows_figures_without_javascript(browser: Browser, service: Service) -> None:
    """Six service levels, three charts, capacity and this instance."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(service.url + PATH)

    assert page.locator("h1").inner_text() == "Reliability"
    assert page.locator("#slos article").count() == 6
    assert page.locator("#charts svg").count() == 3
    assert page.locator("#capacity tbody tr").count() == 4
    assert "database closed" in page.locator("#instances").inner_text()
    assert shown_requests(page) >= 0
    assert "Reload" in page.locator("#live").inner_text()
    context.close()


def test_updates_figures_without_a_reload(page: Page, service: Service, complaints: list[str]) -> None:
    """New requests are shown on the same page, without errors of scripts or of the content security policy."""
    page.goto(service.url + PATH)
    page.evaluate("window.same = true")
    before = shown_requests(page)
    for _ in range(25):
        plain_http.get(service.url + "/api/v1/items")

    page.wait_for_function(
        "least => Number(document.querySelector('[data-figure=requests]').textContent.replace(',', '')) >= least",
        arg=before + 25,
        timeout=PATIENCE,
    )
    assert page.evaluate("window.same")
    expect(page.locator("#live")).to_contain_text("Live")
    assert complaints == []


def test_shows_that_figures_are_old_while_the_service_is_unreachable(page: Page, service: Service) -> None:
    """Afterwards they are live again."""
    page.goto(service.url + PATH)
    page.route(f"**{PATH}", lambda route: route.abort())
    expect(page.locator("#live")).to_contain_text("old", timeout=PATIENCE)
    page.unroute(f"**{PATH}")

    expect(page.locator("#live")).to_contain_text("Live", timeout=PATIENCE)


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_the_width_of_the_screen_with_readable_text(
    browser: Browser, service: Service, width: int, scheme: str
) -> None:
    """There is no horizontal scrolling, and all text has a contrast of at least 4.5."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(service.url + PATH)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(LOW_CONTRAST) == []
    page.close()


def test_light_and_dark_schemes_have_different_colours(browser: Browser, service: Service) -> None:
    """For background and text."""
    seen = []
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(service.url + PATH)
        seen.append(
            page.evaluate("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")
        )
        page.close()

    assert seen[0][0] != seen[1][0]
    assert seen[0][1] != seen[1][1]


def test_has_a_structure_for_screen_readers(page: Page, service: Service) -> None:
    """One h1, no skipped heading level, a caption for every table, and an aria-live region for updates."""
    page.goto(service.url + PATH)
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]))")

    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.locator("table").count() == page.locator("table > caption").count()
    assert page.locator("[aria-live=polite]").count() == 1
    assert page.locator("svg:not([role=img][aria-label])").count() == 0


LOW_CONTRAST = """() => {
  const channels = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(value => value / 255)
    .map(value => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, place) => sum + value * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = element => {
    for (; element; element = element.parentElement) {
      const colour = channels(getComputedStyle(element).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || ["SCRIPT", "STYLE"].includes(element.tagName)) continue;
    const [one, two] = [light(channels(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
    if ((one + 0.05) / (two + 0.05) < 4.5) low.push(walker.currentNode.textContent.trim());
  }
  return low;
}"""
