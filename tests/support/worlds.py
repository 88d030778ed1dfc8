"""Recordings of the whole program: each committed stack, random settings, and stacks with `drydock:services`.

Each is made once.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import hypothesis
import pytest
from hypothesis import Phase

from infra.program import APP
from stacks.build import build
from stacks.settings import Settings, load_stack_file, own_values, parse_settings, read_stack_file, stack_names
from tests.support.builders import ROOT
from tests.support.fake_outputs import ACCOUNT_ID
from tests.support.recorder import Recorded, Recording, record
from tests.support.settings_values import whole_settings
from tests.support.stacks import whole_stack

DRAWN = 6
STACKS = stack_names(ROOT)
WITH_SERVICES = ["local-services", "prod-services"]
WORLDS = [*STACKS, *(f"drawn-{i}" for i in range(DRAWN)), *WITH_SERVICES]
SERVICES: dict[str, Any] = {
    # Each optional part.
    "shop": {
        "image": "app",
        "command": ["/shop", "serve"],
        "port": 9000,
        "readinessPath": "/ready",
        "livenessPath": "/live",
        "route": {"host": "shop.example.com"},
        "queue": True,
        "worker": {"command": ["/shop", "work"], "replicas": 3},
        "database": {"maxConnections": 4},
        "migration": {"command": ["/shop", "migrate"]},
        "environment": {"MAIL": "smtp://mail.example:2525"},
        "secrets": {"MAIL_KEY": "mail-key"},
        "minReplicas": 4,
        "minAvailable": 2,
        "cpuRequest": "300m",
        "minReadySeconds": 7,
        "preStopSeconds": 6,
        "shutdownSeconds": 35,
    },
    # The required ones only.
    "cart": {"image": f"registry.example.com/cart@sha256:{'0123456789abcdef' * 4}", "route": {"pathPrefix": "/cart"}},
}


@dataclass(frozen=True)
class World:
    """An environment and the recording of its program."""

    name: str
    settings: Settings
    recording: Recording

    def all(self, type_: str) -> list[Recorded]:
        """Return the resources of a type, sorted by name."""
        return self.recording.all(type_)

    def only(self, type_: str, name: str | None = None) -> Recorded:
        """Return the only resource of a type (and name)."""
        return self.recording.only(type_, name)

    def owner(self, value: str) -> Recorded:
        """Return the target of a reference."""
        return self.recording.owner(value)


every_world = pytest.mark.parametrize("world", WORLDS, indirect=True)
every_stack = pytest.mark.parametrize("world", STACKS, indirect=True)


@cache
def world_of(name: str) -> World:
    """Return the world of a committed stack or of random settings by its name."""
    if name in STACKS:
        return World(name, read_stack_file(ROOT / f"Pulumi.{name}.yaml"), whole_stack(name))
    if name in WITH_SERVICES:
        return recorded(_with_services(name.removesuffix("-services")), name)
    return recorded(_drawn()[WORLDS.index(name) - len(STACKS)], name)


def recorded(settings: Settings | dict[str, Any], name: str = "sandbox") -> World:
    """Run the whole program with settings."""
    parsed = settings if isinstance(settings, Settings) else parse_settings(settings, name)
    return World(name, parsed, record(lambda: build(parsed, name, APP), name))


@cache
def _drawn() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    @hypothesis.settings(
        max_examples=DRAWN,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(whole_settings())
    def collect(values: dict[str, Any]) -> None:
        found.append(values)

    collect()
    *drawn, last = found[1 - DRAWN :]  # without the first one, which is always the simplest
    # Few random settings have an internet-facing edge with TLS, so it is added, with and without CloudFront.
    edge = {**last.get("edge", {}), "domain": "www.example.com", "zone": "example.com", "scheme": "internet-facing"}
    edge.pop("http", None)
    edge.pop("cloudfront", None)
    fronted = {**edge, "cloudfront": {"key": 3}, "httpPort": 80, "httpsPort": 8443}
    fronted.pop("certificateArn", None)
    return [*drawn, {**last, "edge": edge}, {**last, "edge": fronted}]


def _with_services(stack: str) -> dict[str, Any]:
    """Return the settings of a committed stack with SERVICES: behind CloudFront, or else with a route by host.

    CloudFront does not accept the certificate that such a route needs.
    """
    values = own_values(load_stack_file(ROOT / f"Pulumi.{stack}.yaml").config)
    services, edge = SERVICES, {**dict(values["edge"]), "domain": "api.example.com", "zone": "example.com"}
    if stack == "prod":
        edge |= {"scheme": "internet-facing", "cloudfront": {"key": 3}}
        services = {**SERVICES, "shop": {**SERVICES["shop"], "route": {"pathPrefix": "/shop"}}}
    else:
        edge["certificateArn"] = (
            f"arn:aws:acm:{values['region']}:{ACCOUNT_ID}:certificate/01234567-89ab-cdef-0123-456789abcdef"
        )
    database = {**dict(values["database"]), "maxConnections": 2000}
    return {**values, "edge": edge, "database": database, "services": services}
