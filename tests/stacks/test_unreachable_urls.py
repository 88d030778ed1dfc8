"""Warnings about URLs that pods cannot reach without a NAT gateway."""

from typing import Any, get_args

import pytest

from stacks.settings import parse_settings
from stacks.settings.network import Endpoint
from stacks.unreachable_urls import unreachable_urls_problem

AUTH = {"jwksUrl": "https://id.example.com/jwks", "issuer": "https://id.example.com/", "audience": "api"}


def problem(strategy: str, **config: Any) -> str:
    network = {
        "cidr": "10.30.0.0/16",
        "peerCidrs": ["10.99.0.0/16"],
        "natStrategy": strategy,
        "interfaceEndpoints": get_args(Endpoint),
    }
    return unreachable_urls_problem(parse_settings({"region": "eu-central-1", "network": network, **config}, "test"))


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"service": {"auth": AUTH}}, ["service.auth.jwksUrl (id.example.com)"]),
        ({"service": {"upstreamUrl": "https://rates.example.com/x"}}, ["service.upstreamUrl (rates.example.com)"]),
        ({"service": {"environment": {"A": "https://one.example.com"}}}, ["service.environment.A (one.example.com)"]),
        ({"service": {"environment": {"A": "postgres://203.0.114.7/x"}}}, ["service.environment.A (203.0.114.7)"]),
        (
            {
                "services": {
                    "web": {
                        "image": "services/web",
                        "port": 8080,
                        "readinessPath": "/ready",
                        "livenessPath": "/live",
                        "route": {"pathPrefix": "/web"},
                        "environment": {"B": "https://two.example.com:8443"},
                    }
                }
            },
            ["services.web.environment.B (two.example.com)"],
        ),
        (
            {"service": {"auth": AUTH, "environment": {"A": "http://10.40.0.1"}}},
            ["service.auth.jwksUrl (id.example.com)", "service.environment.A (10.40.0.1)"],
        ),
    ],
)
def test_names_each_url_outside_of_the_network(config: dict[str, Any], named: list[str]) -> None:
    """With a NAT gateway there is no problem."""
    found = problem("none", **config)

    assert found.startswith(f"network.natStrategy is none, so pods do not reach the internet; {', '.join(named)} must ")
    assert [problem(strategy, **config) for strategy in ("single", "per-az")] == ["", ""]


@pytest.mark.parametrize(
    "value",
    [
        "http://10.30.1.7:9000",
        "http://10.99.0.7",
        "https://sqs.eu-central-1.amazonaws.com",
        "http://collector:4318",
        "http://collector.observability.svc:4318",
        "http://collector.observability.svc.cluster.local",
        "https://rates.corp.internal",
        "no URL: rates.example.com",
    ],
)
def test_accepts_what_the_network_reaches(value: str) -> None:
    assert problem("none", service={"environment": {"A": value}}) == ""
