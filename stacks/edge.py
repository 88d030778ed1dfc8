"""The edge of an environment: the load balancer and its settings."""

from collections.abc import Mapping, Sequence

import pulumi

from components._edge_firewall import LOG_GROUP_PREFIX, RATE_WINDOW_SECONDS
from components.distribution import Distribution, DistributionArgs
from components.edge import IDLE_TIMEOUT_SECONDS, Edge, EdgeArgs
from components.manifests.pod import CONTAINER_PORT
from components.order import after
from components.route import Route
from stacks.foundation import Foundation
from stacks.names import Names
from stacks.settings import Settings

EVERYWHERE = "0.0.0.0/0"
# The minimum of WAF: https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html
LOWEST_RATE_LIMIT, HIGHEST_RATE_LIMIT = 10, 2_000_000_000
# The load balancer must close idle connections before the service does, or it may send a request on a closed one:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
KEEP_ALIVE_MARGIN_SECONDS = 15


def build_edge(settings: Settings, names: Names, base: Foundation) -> Edge:
    """Create the load balancer in front of the service."""
    return Edge("edge", _edge_args(settings, names, base), base.on_aws)


def build_distribution(
    settings: Settings, names: Names, base: Foundation, edge: Edge, routes: Sequence[Route]
) -> Distribution | None:
    """Create the CloudFront distribution in front of the load balancer, if one is wanted, and lead the domain there.

    It comes after all rules of the listener: a new key is sent when each of them accepts it.
    """
    wanted = settings.edge
    if not wanted.cloudfront or not wanted.domain or not wanted.hosted_zone:
        return None
    args = DistributionArgs(
        domain=wanted.domain,
        zone=wanted.hosted_zone,
        origin_dns_name=edge.dns_name,
        origin_certificate_arn=edge.certificate_arn,
        origin_key=after(edge.origin_keys[0], *routes),
        origin_idle_seconds=IDLE_TIMEOUT_SECONDS,
        origin_port=wanted.https_port,
        logs_bucket_arn=edge.logs_bucket_arn,
        firewall=wanted.firewall,
        firewall_log_group=_firewall_log_group(names),
        rate_limit=_rate_limit(settings),
        log_retention_days=wanted.log_retention_days,
        protect=settings.protect,
    )
    made = Distribution("cloudfront", args, base.on_aws)
    edge.add_alias(made.dns_name, made.dns_zone_id, healthy_only=False)
    return made


def edge_config(settings: Settings, base: Foundation) -> Mapping[str, pulumi.Input[str]]:
    """Return the service's settings about the load balancer: trusted addresses and the keep-alive time."""
    return {
        "TRUSTED_PROXY_CIDRS": base.network.public_cidrs.apply(",".join),
        # CloudFront appends the client's address to X-Forwarded-For, and the load balancer that of CloudFront.
        **({"TRUSTED_HOPS": "1"} if settings.edge.cloudfront else {}),
        "KEEP_ALIVE_SECONDS": str(IDLE_TIMEOUT_SECONDS + KEEP_ALIVE_MARGIN_SECONDS),
    }


def _edge_args(settings: Settings, names: Names, base: Foundation) -> EdgeArgs:
    wanted, service = settings.edge, settings.service
    return EdgeArgs(
        account_id=base.account_id,
        vpc_id=base.network.vpc_id,
        # Public subnets for both schemes: an internal load balancer has no public address there, and there are no pods
        # that a NetworkPolicy for its addresses would also allow.
        subnet_ids=base.network.public_subnet_ids,
        cluster_name=names.cluster,
        cluster_security_group_id=base.cluster.security_group_id,
        pod_port=CONTAINER_PORT,
        more_pod_ports=sorted({service.port for service in settings.services.values()}),
        client_cidrs=_client_cidrs(settings),
        scheme=wanted.scheme,
        domain=wanted.domain,
        zone=wanted.hosted_zone,
        certificate_arn=wanted.certificate_arn,
        plain_http=wanted.plain_http,
        cloudfront_key=wanted.cloudfront.key if wanted.cloudfront else None,
        http_port=wanted.http_port,
        https_port=wanted.https_port,
        deregistration_seconds=service.pre_stop_seconds + service.drain_seconds + service.shutdown_seconds,
        firewall=wanted.firewall,
        firewall_log_group=_firewall_log_group(names),
        rate_limit=_rate_limit(settings),
        log_retention_days=wanted.log_retention_days,
        deletion_protection=wanted.deletion_protection,
        protect=settings.protect,
    )


def _firewall_log_group(names: Names) -> str:
    return f"{LOG_GROUP_PREFIX}{names.cluster}"


def _client_cidrs(settings: Settings) -> list[str]:
    if settings.edge.scheme == "internet-facing":
        return [EVERYWHERE]
    return [str(cidr) for cidr in (settings.network.cidr, *settings.network.peer_cidrs)]


def _rate_limit(settings: Settings) -> int:
    """Return the number of requests that all pods together serve to one client."""
    each = settings.service.rate_limit_per_second
    together = each * settings.service.max_replicas * RATE_WINDOW_SECONDS
    return min(max(LOWEST_RATE_LIMIT, together), HIGHEST_RATE_LIMIT) if each else 0
