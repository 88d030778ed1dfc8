"""The users page and the API page in a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.service import Service

PATIENCE = 60_000  # ms


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    context = browser.new_context(java_script_enabled=request.param == "with JavaScript")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Page:
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    return page


def send(page: Page, name: str, email: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Add user").click()


def test_creates_a_user_with_the_form(
    page: Page, service: Service, complaints: list[str], request: pytest.FixtureRequest
) -> None:
    """It is confirmed and listed first, its markup is escaped, and there are no script or CSP errors."""
    page.goto(service.url)
    name, email = "<b onclick=alert(1)>Ada</b>", f"ada{abs(hash(request.node.name))}@example.com"
    send(page, name, email)

    expect(page.get_by_role("status")).to_have_text(f"{name} was added.")
    expect(page.locator(".people li").first).to_contain_text(email)
    expect(page.locator(".people b")).to_have_count(0)
    assert complaints == []


def test_reports_an_address_in_use_at_its_field(page: Page, service: Service, request: pytest.FixtureRequest) -> None:
    """The input is kept, and the corrected form is accepted."""
    page.goto(service.url)
    email = f"taken{abs(hash(request.node.name))}@example.com"
    send(page, "First", email)
    send(page, "Second", email.upper())

    field = page.get_by_label("E-mail address")
    expect(field).to_have_accessible_description("Another user already has this address.")
    expect(field).to_have_value(email.upper())
    expect(page.get_by_label("Name")).to_have_value("Second")

    send(page, "Second", f"not{email}")
    expect(page.get_by_role("status")).to_have_text("Second was added.")


def test_an_operation_can_be_opened_without_javascript(page: Page, service: Service, complaints: list[str]) -> None:
    """It shows its command, without errors of the content security policy."""
    page.goto(f"{service.url}/docs")
    operation = page.locator("details.operation").filter(has_text="/api/v1/users").first
    operation.locator("summary").first.click()

    expect(operation.locator(".curl")).to_be_visible()
    expect(operation.locator(".curl")).to_contain_text(service.url)
    assert complaints == []


@pytest.mark.parametrize("path", ["/", "/docs"])
@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_the_width_of_the_screen_in_both_schemes(
    browser: Browser, service: Service, path: str, width: int, scheme: str
) -> None:
    """There is no horizontal scrolling, and text has a contrast to its background."""
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(service.url + path, timeout=PATIENCE)
    for summary in page.locator("details.operation > summary").all()[:3]:
        summary.click()

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ground, text = page.evaluate(
        "(style => [style.backgroundColor, style.color])(getComputedStyle(document.body))"
        ".map(colour => colour.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0))"
    )
    assert (ground > text) == (scheme == "light")
    assert abs(ground - text) > 400
    context.close()
