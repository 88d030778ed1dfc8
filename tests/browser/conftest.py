"""A real process on a real PostgreSQL, opened in Chromium of Debian."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from app.migrations.migrate import migrate
from app.settings import Settings
from tests.support.postgres import running
from tests.support.service import Service

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# Not for the session: the event loop of Playwright runs as long as its browser, and prevents other event loops.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        reason = "chromium is not installed: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def service(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The ready service; it depends on the browser, so it is not started without one."""
    with running(tmp_path_factory.mktemp("browser") / "postgres") as postgres:
        migrate(Settings(database_url=postgres.url()))
        service = Service(DATABASE_URL=postgres.url())
        try:
            service.await_status("/health/ready", 200, 60)
            yield service
        finally:
            service.stop()
