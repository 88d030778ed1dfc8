"""Distribution: CloudFront in front of a load balancer, which accepts no other requests.

Creates the distribution with its certificate, its web application firewall and its access logs, and the IPv6 alias
record. It caches nothing: every request reaches the load balancer as the client sent it, with a key in a header.
"""

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import cloudwatch

from components._edge_cloudfront import KEY_HEADER
from components._edge_firewall import make_firewall
from components._edge_names import find_zone, make_alias, make_certificate_elsewhere
from components._iam import CLOUDFRONT_REGION
from components._untyped import Untyped

# AWS's own policies, by their ids, which are the same in all accounts: CachingDisabled and AllViewer of
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html and
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
VIEWER_TLS = "TLSv1.2_2021"
METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
# CloudFront closes an idle connection before the load balancer does, and waits for its answer longer than the load
# balancer for that of a pod. Both may be 1 to 120 seconds:
# https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CustomOriginConfig.html
MARGIN_SECONDS = 5
# Of the fields that standard logging has, all about a request but its cookies:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
LOG_FIELDS = (
    *("date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status"),
    *("cs(Referer)", "cs(User-Agent)", "cs-uri-query", "x-edge-result-type", "x-edge-request-id", "x-host-header"),
    *("cs-protocol", "cs-bytes", "time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher"),
    *("x-edge-response-result-type", "cs-protocol-version", "c-port", "time-to-first-byte"),
    *("x-edge-detailed-result-type", "sc-content-type", "sc-content-len"),
)
ORIGIN = "load-balancer"


@dataclass(frozen=True, kw_only=True)
class DistributionArgs:
    """Arguments of a Distribution."""

    domain: str
    """Domain name of the service."""

    zone: str
    """Name of the public Route 53 zone that `domain` is in."""

    origin_dns_name: pulumi.Input[str]
    """DNS name of the load balancer."""

    origin_certificate_arn: pulumi.Input[str]
    """Certificate of the load balancer for `domain`, known once it is issued."""

    origin_key: pulumi.Input[str]
    """Key that the distribution sends to the load balancer, known once the listener accepts it."""

    origin_idle_seconds: int
    """Idle timeout of the load balancer in seconds, for client connections and for responses of pods."""

    logs_bucket_arn: pulumi.Input[str]
    """Bucket that gets the access logs, known once CloudFront may write there."""

    origin_port: int = 443
    """Port of HTTPS of the load balancer."""

    firewall: bool = True
    """Put AWS WAF in front."""

    firewall_log_group: str = "aws-waf-logs-drydock"
    """Name of the log group of the firewall. It begins with `aws-waf-logs-`, and is one stack's own."""

    rate_limit: int = 0
    """Requests of one client in five minutes, above which the firewall refuses it; 0: no limit."""

    log_retention_days: int = 365
    """Days that the firewall's log is kept."""

    protect: bool = True
    """Keep the firewall's log from being deleted, by Pulumi's `protect`."""


class Distribution(pulumi.ComponentResource):
    """CloudFront in front of a load balancer. Holds state: the firewall's log."""

    dns_name: pulumi.Output[str]
    """DNS name of the distribution."""

    dns_zone_id: pulumi.Output[str]
    """Route 53's zone of that name, for alias records."""

    def __init__(self, name: str, args: DistributionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:edge:Distribution", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        certificate = make_certificate_elsewhere(
            name, args.domain, CLOUDFRONT_REGION, args.origin_certificate_arn, child
        )
        acl = None
        if args.firewall:
            acl = make_firewall(
                name,
                log_group=args.firewall_log_group,
                log_days=args.log_retention_days,
                rate_limit=args.rate_limit,
                protect=args.protect,
                child=child,
                cloudfront_region=CLOUDFRONT_REGION,
            )
        made = _Distribution(f"{name}-distribution", _inputs(args, certificate, acl), child)
        _deliver_logs(name, made.arn, args, child)
        make_alias(
            f"{name}-ipv6",
            args.domain,
            find_zone(args.zone, self),
            dns_name=made.domainName,
            dns_zone_id=made.hostedZoneId,
            healthy_only=False,
            type_="AAAA",
            child=child,
        )

        self.dns_name = made.domainName
        self.dns_zone_id = made.hostedZoneId
        self.register_outputs({"dns_name": self.dns_name, "dns_zone_id": self.dns_zone_id})


class _Distribution(Untyped):
    """The distribution. Its origins have the key in them."""

    domainName: pulumi.Output[str]  # noqa: N815 (the provider's name, as of the next)
    hostedZoneId: pulumi.Output[str]  # noqa: N815

    def __init__(self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        secret = pulumi.ResourceOptions(additional_secret_outputs=["origins"])
        super().__init__(
            "aws:cloudfront/distribution:Distribution",
            name,
            {**props, "domainName": None, "hostedZoneId": None},
            pulumi.ResourceOptions.merge(opts, secret),
        )


def _inputs(args: DistributionArgs, certificate: pulumi.Input[str], acl: pulumi.Input[str] | None) -> dict[str, Any]:
    """Return the inputs of the distribution.

    It passes the client's Host header on, which the certificate of the load balancer is for, so the origin needs no
    name of its own: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-502-bad-gateway.html
    """
    origin = {
        "originId": ORIGIN,
        "domainName": args.origin_dns_name,
        "customHeaders": [{"name": KEY_HEADER, "value": args.origin_key}],
        "customOriginConfig": {
            "httpPort": 80,
            "httpsPort": args.origin_port,
            "originProtocolPolicy": "https-only",
            "originSslProtocols": ["TLSv1.2"],
            "originKeepaliveTimeout": args.origin_idle_seconds - MARGIN_SECONDS,
            "originReadTimeout": args.origin_idle_seconds + MARGIN_SECONDS,
        },
    }
    return {
        "enabled": True,
        "comment": args.domain,
        "aliases": [args.domain],
        "httpVersion": "http2and3",
        "isIpv6Enabled": True,
        "origins": [origin],
        "defaultCacheBehavior": {
            "targetOriginId": ORIGIN,
            "viewerProtocolPolicy": "redirect-to-https",
            "allowedMethods": METHODS,
            "cachedMethods": ["GET", "HEAD"],
            "cachePolicyId": CACHING_DISABLED,
            "originRequestPolicyId": ALL_VIEWER,
            "compress": False,
        },
        "restrictions": {"geoRestriction": {"restrictionType": "none"}},
        "viewerCertificate": {
            "acmCertificateArn": certificate,
            "sslSupportMethod": "sni-only",
            "minimumProtocolVersion": VIEWER_TLS,
        },
        **({"webAclId": acl} if acl is not None else {}),
        "tags": {"Name": args.domain},
    }


def _deliver_logs(
    name: str, distribution_arn: pulumi.Input[str], args: DistributionArgs, child: pulumi.ResourceOptions
) -> None:
    """Have CloudFront write access logs to the bucket: standard logging (v2), which needs no ACLs of the bucket.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
    """
    source = cloudwatch.LogDeliverySource(
        f"{name}-access-logs",
        region=CLOUDFRONT_REGION,
        log_type="ACCESS_LOGS",
        resource_arn=distribution_arn,
        opts=child,
    )
    destination = cloudwatch.LogDeliveryDestination(
        f"{name}-access-logs",
        region=CLOUDFRONT_REGION,
        output_format="json",
        delivery_destination_configuration={"destination_resource_arn": args.logs_bucket_arn},
        opts=child,
    )
    cloudwatch.LogDelivery(
        f"{name}-access-logs",
        region=CLOUDFRONT_REGION,
        delivery_source_name=source.name,
        delivery_destination_arn=destination.arn,
        record_fields=list(LOG_FIELDS),
        opts=child,
    )
