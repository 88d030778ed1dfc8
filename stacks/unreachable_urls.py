"""Whether pods can reach the URLs in the settings, in a network without a route to the internet."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from stacks.settings import Settings

INSIDE = (".amazonaws.com", ".cluster.local", ".internal", ".local", ".svc")
"""Names that resolve to addresses of endpoints, of Services, or of private zones. A name without a dot is one too."""


def unreachable_urls_problem(settings: Settings) -> str:
    """Return which URLs pods may not reach; "" if they have a route to the internet, or need none."""
    if settings.network.nat_strategy != "none":
        return ""
    outside = [f"{path} ({host})" for path, host in _hosts(settings) if not _is_inside(host, settings)]
    if not outside:
        return ""
    return (
        f"network.natStrategy is none, so pods do not reach the internet; {', '.join(outside)} must resolve to "
        "addresses in the VPC or in network.peerCidrs; otherwise set natStrategy to single or per-az"
    )


def _hosts(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the path of each setting of a service that is a URL, with the host."""
    urls = {"service.upstreamUrl": settings.service.upstream_url}
    if settings.service.auth:
        urls["service.auth.jwksUrl"] = settings.service.auth.jwks_url
    environments: dict[str, Mapping[str, str]] = {"service": settings.service.environment}
    environments |= {f"services.{name}": each.environment for name, each in settings.services.items()}
    for service, environment in environments.items():
        urls |= {f"{service}.environment.{name}": value for name, value in environment.items() if "://" in value}
    for path, url in urls.items():
        if url and (host := urlsplit(url).hostname):
            yield path, host


def _is_inside(host: str, settings: Settings) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(INSIDE)
    return any(address in network for network in (settings.network.cidr, *settings.network.peer_cidrs))
