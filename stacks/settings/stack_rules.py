"""Rules that depend on the name of the stack."""

from collections.abc import Iterator

from stacks.settings.environment import LOCAL
from stacks.settings.hosts import is_loopback
from stacks.settings.settings import Settings
from stacks.settings.urls import urls_in

PRODUCTION = ("prod", "production")
"""Stacks in which the service refuses to start with fault injection; a test compares them with its own."""


def program_problems(settings: Settings, stack: str) -> Iterator[str]:
    """Find settings that would fail in the pods, also of a rehearsal, which serves its token keys on loopback."""
    if settings.service.fault_injection and stack in PRODUCTION:
        yield f"service.faultInjection: must be false in the stack {stack}, where the service does not start with it"
    auth = settings.service.auth
    if auth and stack != LOCAL and auth.jwks_url.startswith("http://") and not is_loopback(auth.jwks_url):
        yield (
            f"service.auth.jwksUrl: must begin with https:// in every stack but {LOCAL}, or an attacker in the "
            f"network could replace the keys, got {auth.jwks_url}"
        )


def stack_problems(settings: Settings, stack: str) -> Iterator[str]:
    """Find what fails in the pods of a stack, with the values of its file."""
    yield from program_problems(settings, stack)
    if stack == LOCAL:
        return
    service = settings.service
    for path, value in (
        ("auth.jwksUrl", service.auth and service.auth.jwks_url),
        ("auth.issuer", service.auth and service.auth.issuer),
        ("upstreamUrl", service.upstream_url),
        ("otlpEndpoint", service.otlp_endpoint),
        *((f"environment.{name}", value) for name, value in service.environment.items()),
    ):
        for url in urls_in(value or ""):
            if is_loopback(url):
                yield (
                    f"service.{path}: must be a host that pods reach: {url} is a loopback address, which is the pod "
                    f"itself in every stack but {LOCAL}"
                )
