"""URLs that cannot work are refused in every setting that takes one."""

from typing import Any

import pytest

from tests.stacks.settings.errors import error_lines

AUTH = {"jwksUrl": "https://id.example/keys", "issuer": "https://id.example", "audience": "api"}
LONG = "a" * 64
WRONG = [
    ("http://a.example:0", "a URL whose port is 1 to 65535"),
    ("http://a.example:65536/x", "a URL whose port is 1 to 65535"),
    ("http://a..example", "a URL whose host has labels of 1 to 63 characters"),
    (f"https://{LONG}.example", "a URL whose host has labels of 1 to 63 characters"),
    (f"https://{'.'.join(['a' * 60] * 5)}", "253 characters at most"),
    ("https://-a.example", "none with a hyphen at its beginning or end"),
    ("https://a-.example", "none with a hyphen at its beginning or end"),
    ("http://169.254.169.254/latest", "a link-local address is valid on its own node only"),
]
ANYWHERE = [
    *WRONG,
    ("http://[::1", "a URL with both brackets around its IPv6 address"),
    ("http://::1]:80", "a URL with both brackets around its IPv6 address"),
    ("http://[fe80::1]/", "a link-local address is valid on its own node only"),
    ("https://", "a URL with a host"),
    ("https://user@:80/", "a URL with a host"),
    ("HTTPS://a..example", "a URL whose host has labels"),
    ("https://a.example,https://b..example", "a URL whose host has labels"),
]


def refused(path: str, says: str, **values: Any) -> None:
    """Assert that there is one error, about this path."""
    [line] = error_lines(**values)
    assert line.startswith(f"{path}: must ")
    assert says in line


@pytest.mark.parametrize(("url", "says"), WRONG)
def test_a_url_that_cannot_work_is_refused(url: str, says: str) -> None:
    """Port 0 of a URL is refused by its format."""
    says = "must match" if url.endswith(":0") else says

    refused("service.upstreamUrl", says, service={"upstreamUrl": url})
    refused("service.otlpEndpoint", says, service={"otlpEndpoint": url})
    refused("service.auth.jwksUrl", says, service={"auth": {**AUTH, "jwksUrl": url}})


@pytest.mark.parametrize(("url", "says"), ANYWHERE)
def test_a_text_that_begins_like_a_url_is_checked(url: str, says: str) -> None:
    """Issuers and variables may be other texts too."""
    shop = {"image": "services/shop", "route": {"pathPrefix": "/shop"}, "environment": {"MAIL": url}}

    refused("service.auth.issuer", says, service={"auth": {**AUTH, "issuer": url}})
    refused("service.environment.MAIL", says, service={"environment": {"MAIL": url}})
    refused("services.shop.environment.MAIL", says, services={"shop": shop})


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example.",  # with a dot, the resolver does not try the search domains
        "http://backend",
        "http://10.1.2.3:8080/",
        "https://user:p%40ss@a.example:8443/x?y=http://",
        "https://a.example,https://b.example",
        "https://*.example.com",
        "http://{host}:{port}/",
        "http://[2001:db8::1]:8080/",
        "http://a_b.example",
        f"https://{'a' * 63}.example",
        "httpx",
        "a..b:0",
    ],
)
def test_other_values_of_variables_are_accepted(text: str) -> None:
    assert error_lines(service={"environment": {"MAIL": text}, "auth": {**AUTH, "issuer": "my-issuer"}}) == []


@pytest.mark.parametrize("setting", ["upstreamUrl", "otlpEndpoint"])
@pytest.mark.parametrize("user", ["user:hunter2@", ":hunter2@", "user:hunter/2@", "hunter2@"])
def test_a_password_in_a_url_is_refused(setting: str, user: str) -> None:
    [line] = error_lines(service={setting: f"https://{user}api.example.com"})

    assert line.startswith(f"service.{setting}: must ")
    assert line.endswith('got "https://[secret]@api.example.com"')


@pytest.mark.parametrize(
    "url", ["https://user:hunter2@a.example", "https://:hunter2@a..example", "amqp://user:hun@ter/2@a.example"]
)
def test_no_message_contains_a_password_of_a_url(url: str) -> None:
    """In settings that take a URL, and in those that do not."""
    lines = error_lines(service={"upstreamUrl": url, "minReplicas": url}, network={"natStrategy": [url]})

    assert len(lines) == 3
    assert "hun" not in "".join(lines)
    assert all("://[secret]@a." in line for line in lines)
