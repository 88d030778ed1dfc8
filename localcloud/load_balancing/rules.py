"""Matches requests against the rules of a listener, and computes the location of redirects.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html and
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import parse_qsl

from localcloud.load_balancing.model import Rule

DEFAULT_PORTS = {"http": "80", "https": "443"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The parts of a request that rules use."""

    method: str
    protocol: str
    """http or https."""
    host: str
    """The host name without port."""
    port: int
    """Port of the listener."""
    path: str
    query: str
    """Path and query are not decoded; the query has no question mark."""
    headers: Sequence[tuple[str, str]]
    client: str
    """Address of the client."""


def actions_for(rules: Iterable[Rule], asked: Asked) -> tuple[Mapping[str, Any], ...]:
    """Return the actions of the first rule whose conditions all match."""
    return next((rule.actions for rule in rules if all(_holds(each, asked) for each in rule.conditions)), ())


def redirect_to(config: Mapping[str, Any], asked: Asked) -> str:
    """Return the Location header of a redirect action."""
    reused = {
        "protocol": asked.protocol,
        "host": asked.host,
        "port": str(asked.port),
        "path": asked.path.removeprefix("/"),
        "query": asked.query,
    }

    def filled(key: str, default: str) -> str:
        text = str(config.get(key) or default)
        return re.sub(r"#\{(protocol|host|port|path|query)\}", lambda match: reused[match[1]], text)

    protocol = filled("Protocol", "#{protocol}").lower()
    host, port = filled("Host", "#{host}"), filled("Port", "#{port}")
    path, query = filled("Path", "/#{path}"), filled("Query", "#{query}")
    where = host if port == DEFAULT_PORTS.get(protocol) else f"{host}:{port}"
    return f"{protocol}://{where}{path}{'?' if query else ''}{query}"


def _holds(condition: Mapping[str, Any], asked: Asked) -> bool:
    match condition["Field"]:
        case "host-header":
            holds = _any(_values(condition, "HostHeaderConfig"), asked.host, ignore_case=True)
        case "path-pattern":
            holds = _any(_values(condition, "PathPatternConfig"), asked.path)
        case "http-request-method":
            holds = asked.method in _values(condition, "HttpRequestMethodConfig")
        case "source-ip":
            client = ip_address(asked.client)
            holds = any(client in ip_network(each) for each in _values(condition, "SourceIpConfig"))
        case "http-header":
            name = condition["HttpHeaderConfig"]["HttpHeaderName"].lower()
            patterns = _values(condition, "HttpHeaderConfig")
            holds = any(_any(patterns, value, ignore_case=True) for key, value in asked.headers if key.lower() == name)
        case "query-string":
            holds = any(_in_query(each, asked.query) for each in condition["QueryStringConfig"]["Values"])
        case _:
            holds = False
    return holds


def _values(condition: Mapping[str, Any], config: str) -> list[str]:
    return list((condition.get(config) or {}).get("Values") or condition.get("Values") or [])


def _in_query(pair: Mapping[str, str], query: str) -> bool:
    return any(
        _any([pair["Value"]], value, ignore_case=True) and _any([pair.get("Key") or "*"], key, ignore_case=True)
        for key, value in parse_qsl(query, keep_blank_values=True)
    )


def _any(patterns: Iterable[str], text: str, *, ignore_case: bool = False) -> bool:
    return any(_pattern(pattern, ignore_case).fullmatch(text) for pattern in patterns)


@lru_cache(maxsize=1024)
def _pattern(text: str, ignore_case: bool) -> "re.Pattern[str]":
    """Return the regular expression for a pattern in which `*` matches any characters and `?` matches one."""
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in text)
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if ignore_case else 0))
