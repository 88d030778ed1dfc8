"""The endpoints that published reference services document respond on the platform as documented."""

import re
from html import unescape
from typing import Any

import httpx
import pytest

from tests.e2e.checkout import Checkout
from tests.support import plain_http
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
    "referrer-policy": "strict-origin-when-cross-origin",
}


@pytest.fixture(scope="module")
def url(platform: Checkout) -> str:
    return platform.url()


@pytest.mark.parametrize("path", DOCUMENTS)
def test_documents_answer_as_json(url: str, path: str) -> None:
    """Status 200 with a valid JSON body."""
    response = plain_http.get(url + path)

    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("application/json")
    response.json()


@pytest.mark.parametrize("path", PAGES)
def test_pages_answer_as_html(url: str, path: str) -> None:
    """Status 200 for GET and for `curl -f`, without resources of other hosts."""
    response = plain_http.get(url + path)

    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/html")
    assert re.findall(r'(?:src|href)="https?://[^"]+\.(?:js|css)', response.text) == []


def test_the_form_of_the_page_creates_a_user(url: str) -> None:
    """The form needs the token of the page; the page after the redirect shows the new user."""
    with httpx.Client(base_url=url, headers={"Accept": "text/html"}) as browser:
        (token,) = re.findall(r'name="csrf" value="([^"]+)"', browser.get("/").text)
        form = {"name": "Grace Hopper", "email": "grace@example.com"}
        forged = browser.post("/user", data=form)
        sent = browser.post("/user", data={**form, "csrf": token})
        back = browser.get(sent.headers["location"])

    assert forged.status_code == 403
    assert (sent.status_code, back.status_code) == (303, 200)
    assert "Grace Hopper was added." in unescape(re.sub("<[^>]+>", "", back.text))


def pods(platform: Checkout) -> list[str]:
    """Return the names of the pods of the API."""
    selector = "--selector=app.kubernetes.io/component=server"
    return platform.kubectl("get", "pods", selector, "--output=name").split()


def test_the_dashboard_counts_the_requests_of_all_pods(platform: Checkout, url: str) -> None:
    """The dashboard shows the service levels of the write-ups, computed from real requests."""
    for _ in range(20):
        plain_http.get(f"{url}/api/v1/items")

    def dashboard() -> Any:
        return plain_http.get(f"{url}/sre/dashboard").json()

    def availability() -> int:
        return next(int(level["total"]) for level in dashboard()["slos"] if level["name"] == "availability")

    until(lambda: availability() >= 20)
    # The autoscaler may have added a pod on a busy machine.
    until(lambda: dashboard()["capacity"]["replicas"] == len(pods(platform)) >= 2)


def test_answers_carry_the_security_headers(platform: Checkout, url: str) -> None:
    """The headers are those of the write-ups, with a content security policy that allows no inline code.

    RFC 6797, 7.2: Strict-Transport-Security is in responses over HTTPS, and in no others.
    """
    server = platform.https()
    plain = plain_http.get(f"{url}/health").headers
    with httpx.Client(verify=server.context) as client:
        secure = client.get(f"{server.address}/health", headers=server.headers, extensions=server.extensions).headers

    for headers in (plain, secure):
        assert HEADERS.items() <= dict(headers).items()
        assert "unsafe-inline" not in headers["content-security-policy"]
    assert secure["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert "strict-transport-security" not in plain


def test_metrics_have_the_prometheus_format_and_names(url: str) -> None:
    """The golden signals have the names that the queries of the write-ups use."""

    def metrics() -> str:
        plain_http.get(f"{url}/api/v1/items")  # only one pod answers, and probes are not counted
        return plain_http.get(f"{url}/metrics").text

    until(lambda: "http_requests_total{" in metrics())
    assert "http_request_duration_seconds_bucket{" in metrics()


def test_creates_a_user_with_the_curl_command_of_the_write_ups(url: str) -> None:
    """Status 201 with the user, which the list then contains; a second request with the same address is refused."""
    user = {"name": "John Doe", "email": "john@example.com"}
    first = plain_http.post(f"{url}/api/users", json=user)
    again = plain_http.post(f"{url}/api/users", json=user)

    assert first.status_code == 201, first.text
    assert user.items() <= first.json().items()
    assert user["email"] in {each["email"] for each in plain_http.get(f"{url}/api/users").json()}
    assert (again.status_code, again.json()["errors"][0]["field"]) == (409, "body.email")


def test_wrong_input_is_refused_with_its_field(url: str) -> None:
    """A malformed e-mail address yields a problem document that names the field."""
    response = plain_http.post(f"{url}/api/users", json={"name": "John", "email": "nobody"})

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["errors"][0]["field"] == "body.email"
