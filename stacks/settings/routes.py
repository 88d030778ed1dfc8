"""Conflicts between the routes of services, and with the load balancer."""

from collections.abc import Iterator, Mapping

from stacks.settings.edge import EdgeSettings
from stacks.settings.services import NamedServiceSettings

BUNDLED_PATHS = frozenset(
    {"api", "docs", "faults", "health", "metrics", "openapi.json", "readyz", "sre", "static", "user"}
)
"""First segments of the paths of the bundled service; a test compares them with its routes."""


def route_problems(services: Mapping[str, NamedServiceSettings], edge: EdgeSettings) -> Iterator[str]:
    """Find duplicate routes, routes that take requests of the bundled service, and hosts without a certificate."""
    seen: dict[tuple[str | None, str | None], str] = {}
    for name, service in sorted(services.items()):
        route, where = service.route, f"services.{name}.route"
        host = None if route.host == edge.domain else route.host
        other = seen.setdefault((host, route.path_prefix), name)
        if other != name:
            yield f"{where}: must differ from services.{other}.route, which matches the same requests"
        segment = route.path_prefix.split("/")[1] if route.path_prefix else ""
        if host is None and not segment:
            yield f"{where}.host: must differ from edge.domain ({edge.domain}), or have a pathPrefix"
        elif host is None and segment in BUNDLED_PATHS:
            yield (
                f"{where}.pathPrefix: must not begin with /{segment}, which the bundled service serves, "
                f"got {route.path_prefix}"
            )
        if host and edge.secure and not edge.certificate_arn:
            yield (
                f"{where}.host: must not be set without edge.certificateArn, a certificate that covers {host}: the one "
                "that is created covers only edge.domain; use a pathPrefix instead"
            )
        elif host and edge.domain and not host.endswith(f".{edge.hosted_zone}"):
            yield f"{where}.host: must be in the zone {edge.hosted_zone} of edge.domain, got {host}"
