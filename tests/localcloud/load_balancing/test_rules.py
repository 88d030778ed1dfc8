"""Matching of listener rules, and locations of redirects."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.load_balancing.model import Rule
from localcloud.load_balancing.rules import Asked, actions_for, redirect_to


def asked(**more: Any) -> Asked:
    values: dict[str, Any] = {
        "method": "GET",
        "protocol": "http",
        "host": "drydock.localhost",
        "port": 80,
        "path": "/items/7",
        "query": "a=b&c=d",
        "headers": [("User-Agent", "curl/8.1")],
        "client": "10.1.2.3",
    }
    return Asked(**{**values, **more})


CONDITIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "host": ({"Field": "host-header", "HostHeaderConfig": {"Values": ["*.LOCALHOST"]}}, {"host": "example.com"}),
    "host, older form": ({"Field": "host-header", "Values": ["dry?ock.localhost"]}, {"host": "dryock.localhost"}),
    "path": ({"Field": "path-pattern", "PathPatternConfig": {"Values": ["/x", "/items/*"]}}, {"path": "/Items/7"}),
    "path with a dot": ({"Field": "path-pattern", "Values": ["/items/?"]}, {"path": "/items/77"}),
    "method": (
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET", "HEAD"]}},
        {"method": "POST"},
    ),
    "source": (
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["192.168.0.0/16", "10.1.0.0/16"]}},
        {"client": "10.2.0.1"},
    ),
    "header": (
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "user-agent", "Values": ["CURL*"]}},
        {"headers": [("User-Agent", "wget")]},
    ),
    "query": (
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "c", "Value": "?"}]}},
        {"query": "a=d&c=dd"},
    ),
    "query without key": (
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Value": "d"}]}},
        {"query": "d=a"},
    ),
}


@pytest.mark.parametrize(("condition", "other"), CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition_matches_some_requests_only(condition: dict[str, Any], other: dict[str, Any]) -> None:
    """Each kind of condition is tested in the forms that the API accepts."""
    rules = [Rule(conditions=(condition,), actions=({"Type": "a"},)), Rule(conditions=(), actions=({"Type": "b"},))]

    assert actions_for(rules, asked()) == ({"Type": "a"},)
    assert actions_for(rules, asked(**other)) == ({"Type": "b"},)


def test_all_conditions_of_a_rule_have_to_match() -> None:
    """The first matching rule is used."""
    host, _ = CONDITIONS["host"]
    path, _ = CONDITIONS["path"]
    rules = [
        Rule(conditions=(host, path), actions=({"Type": "both"},)),
        Rule(conditions=(host,), actions=({"Type": "host"},)),
        Rule(conditions=(), actions=({"Type": "none"},)),
    ]

    assert actions_for(rules, asked()) == ({"Type": "both"},)
    assert actions_for(rules, asked(path="/")) == ({"Type": "host"},)
    assert actions_for(rules, asked(host="example.com")) == ({"Type": "none"},)


@given(text=st.text(alphabet="/ab.*?[^$+\n", max_size=12))
def test_a_pattern_matches_itself_and_a_star_everything(text: str) -> None:
    """Only * and ? are special characters."""
    for pattern in (text.replace("*", "?"), "*", f"*{text}*"):
        rule = Rule(conditions=({"Field": "path-pattern", "Values": [pattern]},), actions=({"Type": "a"},))
        assert actions_for([rule], asked(path=text)), pattern


@pytest.mark.parametrize(
    ("config", "location"),
    [
        ({"Protocol": "HTTPS", "Port": "443"}, "https://drydock.localhost/items/7?a=b&c=d"),
        ({"Protocol": "HTTPS", "Port": "8443"}, "https://drydock.localhost:8443/items/7?a=b&c=d"),
        (
            {"Host": "www.#{host}", "Path": "/new/#{path}", "Query": "#{query}&port=#{port}"},
            "http://www.drydock.localhost/new/items/7?a=b&c=d&port=80",
        ),
    ],
)
def test_a_redirect_reuses_parts_of_the_request(config: dict[str, str], location: str) -> None:
    """A default port is omitted."""
    assert redirect_to(config, asked()) == location
