"""Endpoints that write-ups in this field name for such a service answer on the platform as they say."""

import re
from html import unescape
from typing import Any

import httpx
import pytest

from tests.e2e.checkout import Checkout
from tests.support.service import until

pytestmark = pytest.mark.e2e

DOCUMENTS = [
    "/health",
    "/health/live",
    "/health/ready",
    "/health/startup",
    "/api/users",
    "/api/v1/items",
    "/api/v1/users",
    "/api/v1/jobs",
    "/sre/dashboard",
    "/sre/health",
    "/sre/metrics",
    "/sre/capacity",
    "/sre/circuit-breakers",
    "/sre/alerts",
]
PAGES = ["/", "/docs", "/sre/dashboard-ui"]
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "referrer-policy": "strict-origin-when-cross-origin",
}


@pytest.fixture(scope="module")
def url(platform: Checkout) -> str:
    return platform.url()


@pytest.mark.parametrize("path", DOCUMENTS)
def test_documents_answer_as_json(url: str, path: str) -> None:
    """200, and something in it."""
    response = httpx.get(url + path)

    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("application/json")
    response.json()


@pytest.mark.parametrize("path", PAGES)
def test_pages_answer_as_html(url: str, path: str) -> None:
    """200, without anything from elsewhere; `curl -f` is content too."""
    response = httpx.get(url + path)

    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/html")
    assert re.findall(r'(?:src|href)="https?://[^"]+\.(?:js|css)', response.text) == []


def test_the_form_of_the_page_creates_a_user(url: str) -> None:
    """The token of the page is needed; the way back shows who was added."""
    with httpx.Client(base_url=url, headers={"Accept": "text/html"}) as browser:
        (token,) = re.findall(r'name="csrf" value="([^"]+)"', browser.get("/").text)
        form = {"name": "Grace Hopper", "email": "grace@example.com"}
        forged = browser.post("/user", data=form)
        sent = browser.post("/user", data={**form, "csrf": token})
        back = browser.get(sent.headers["location"])

    assert forged.status_code == 403
    assert (sent.status_code, back.status_code) == (303, 200)
    assert "Grace Hopper was added." in unescape(re.sub("<[^>]+>", "", back.text))


def test_the_dashboard_tells_of_the_requests_of_all_pods(url: str) -> None:
    """The service levels of the write-ups, from requests that were really made."""
    for _ in range(20):
        httpx.get(f"{url}/api/v1/items")

    def dashboard() -> Any:
        return httpx.get(f"{url}/sre/dashboard").json()

    def availability() -> int:
        return next(int(level["total"]) for level in dashboard()["slos"] if level["name"] == "availability")

    until(lambda: availability() >= 20)
    assert dashboard()["capacity"]["replicas"] == 2


def test_answers_carry_the_security_headers(url: str) -> None:
    """Those that the write-ups list, and a policy without exceptions for inline code."""
    headers = httpx.get(f"{url}/health").headers

    assert HEADERS.items() <= dict(headers).items()
    assert "unsafe-inline" not in headers["content-security-policy"]


def test_metrics_are_for_prometheus(url: str) -> None:
    """The golden signals, by the names that the queries of the write-ups use."""

    def metrics() -> str:
        httpx.get(f"{url}/api/v1/items")  # of one of the pods, and probes do not count
        return httpx.get(f"{url}/metrics").text

    until(lambda: "http_requests_total{" in metrics())
    assert "http_request_duration_seconds_bucket{" in metrics()


def test_the_curl_that_creates_a_user(url: str) -> None:
    """201 with the user; the list then has it; the same address again is refused with its field."""
    user = {"name": "John Doe", "email": "john@example.com"}
    first = httpx.post(f"{url}/api/users", json=user)
    again = httpx.post(f"{url}/api/users", json=user)

    assert first.status_code == 201, first.text
    assert user.items() <= first.json().items()
    assert user["email"] in {each["email"] for each in httpx.get(f"{url}/api/users").json()}
    assert (again.status_code, again.json()["errors"][0]["field"]) == (409, "body.email")


def test_wrong_input_is_refused_with_its_field(url: str) -> None:
    """E-mail validation, as a problem document."""
    response = httpx.post(f"{url}/api/users", json={"name": "John", "email": "nobody"})

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["errors"][0]["field"] == "body.email"
