"""Edge: the Application Load Balancer through which clients reach the service, and its related resources.

Creates the load balancer with its security groups' rules, listeners and target group, a bucket with its access logs,
for a domain the certificate and the alias record, and the web application firewall. It registers no targets: a
TargetGroupBinding in the cluster does. Behind CloudFront it takes requests of a distribution only; the firewall and the
address of the alias record are the distribution's then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import pulumi
from pulumi_aws import lb

from components._edge_cloudfront import find_origin_facing, make_keys
from components._edge_firewall import make_firewall, protect_balancer
from components._edge_listeners import make_keyed_listener, make_listeners, make_security_group
from components._edge_names import find_zone, make_alias, make_certificate
from components._iam import access_log_policy
from components._log_bucket import make_log_bucket
from components._target_group import make_target_group
from components.order import after

Scheme = Literal["internal", "internet-facing"]

IDLE_TIMEOUT_SECONDS = 60
HEALTH_PATH = "/health/serving"


@dataclass(frozen=True, kw_only=True)
class EdgeArgs:
    """Arguments of an Edge."""

    account_id: pulumi.Input[str]
    """AWS account that owns the load balancer, the only one whose access logs the bucket takes."""

    vpc_id: pulumi.Input[str]
    """VPC of the load balancer and its targets."""

    subnet_ids: pulumi.Input[Sequence[str]]
    """Subnets of the load balancer, of at least two availability zones; it should be alone there."""

    cluster_name: str
    """Name of the EKS cluster whose controller registers the targets."""

    cluster_security_group_id: pulumi.Input[str]
    """Security group of the pods. A rule of it lets the load balancer reach `pod_port`."""

    pod_port: int
    """Port of the pods that serve."""

    client_cidrs: Sequence[str]
    """Addresses of the clients. Nobody else reaches the listeners."""

    more_pod_ports: Sequence[int] = ()
    """Ports of the pods of other services, which have a Route each."""

    scheme: Scheme = "internal"
    """Whether the load balancer has addresses in the VPC only (`internal`) or public ones (`internet-facing`)."""

    domain: str | None = None
    """Name of the service. Its alias record and, without `certificate_arn`, its certificate are made in `zone`."""

    zone: str | None = None
    """Name of the public Route 53 zone that `domain` is in; needed with a domain."""

    certificate_arn: str | None = None
    """ARN of a certificate in ACM, in place of one that is made for `domain`. With neither there is no TLS."""

    plain_http: bool = False
    """Serve HTTP too. False: HTTP redirects to HTTPS."""

    cloudfront_key: int | None = None
    """Number of the key by which the load balancer knows its CloudFront distribution; the one before is accepted too.
    None: clients call the load balancer itself."""

    http_port: int = 80
    """Port of the HTTP listener."""

    https_port: int = 443
    """Port of the HTTPS listener."""

    deregistration_seconds: int = 40
    """Seconds that requests in flight may take after their target is deregistered; equal to the pod's remaining
    lifetime."""

    firewall: bool = True
    """Put AWS WAF in front."""

    firewall_log_group: str = "aws-waf-logs-drydock"
    """Name of the log group of the firewall. It begins with `aws-waf-logs-`, and is one stack's own."""

    rate_limit: int = 0
    """Requests of one client in five minutes, above which the firewall refuses it; 0: no limit."""

    log_retention_days: int = 365
    """Retention in days of the access logs and the firewall's log."""

    deletion_protection: bool = True
    """Have ELB refuse to delete the load balancer."""

    protect: bool = True
    """Keep the logs from being deleted, by Pulumi's `protect` and by not emptying the bucket."""

    def __post_init__(self) -> None:
        """Refuse a domain without a zone, and a CloudFront key without a domain or a public load balancer."""
        if self.domain and not self.zone:
            raise ValueError(f"zone must be the name of the Route 53 zone that {self.domain} is in, got none")
        if self.cloudfront_key is not None and not (self.domain and self.scheme == "internet-facing"):
            raise ValueError(
                "cloudfront_key needs a domain and the scheme internet-facing, because CloudFront calls the load "
                "balancer over the internet, by a name of the domain"
            )


class Edge(pulumi.ComponentResource):
    """Where clients reach the service. Holds state: the bucket with the access logs and the firewall's log."""

    url: pulumi.Output[str]
    """Where the service answers, such as `https://api.example.com`."""

    target_group_arn: pulumi.Output[str]
    """Target group of the pods. Resources that use it are created after the listeners, and deleted before them."""

    listener_arns: Mapping[str, pulumi.Output[str]]
    """ARNs of the listeners that forward requests, by `http` and `https`, for the rules of other services."""

    dns_name: pulumi.Output[str]
    """DNS name of the load balancer."""

    dns_zone_id: pulumi.Output[str]
    """Route 53's zone of that name, for alias records."""

    access_logs_bucket: pulumi.Output[str]
    """Name of the bucket with the access logs."""

    logs_bucket_arn: pulumi.Output[str]
    """Its ARN, known once services may write there."""

    certificate_arn: pulumi.Output[str]
    """Certificate of the load balancer, known once it is issued; empty: there is no TLS."""

    origin_keys: Sequence[pulumi.Output[str]]
    """Keys of which a request must have one, the current one first, each known once the listener accepts it. Empty: no
    key is required."""

    load_balancer_suffix: pulumi.Output[str]
    """The end of the load balancer's ARN, which its metrics have as a dimension: `app/NAME/ID`."""

    target_group_suffix: pulumi.Output[str]
    """The end of the target group's ARN, which its metrics have as a dimension: `targetgroup/NAME/ID`."""

    def __init__(self, name: str, args: EdgeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:edge:Edge", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)

        # Without a certificate there is no TLS. CloudFront redirects by itself, and calls by HTTPS only.
        secure = bool(args.domain or args.certificate_arn)
        fronted = args.cloudfront_key is not None
        ports = ({} if fronted else {"http": args.http_port}) | ({"https": args.https_port} if secure else {})
        group, rules = make_security_group(
            name,
            vpc_id=args.vpc_id,
            ports=ports,
            client_cidrs=args.client_cidrs,
            prefix_list_id=find_origin_facing(self) if fronted else None,
            cluster_security_group_id=args.cluster_security_group_id,
            pod_ports=[args.pod_port, *sorted({*args.more_pod_ports} - {args.pod_port})],
            child=child,
        )
        bucket, policy = make_log_bucket(
            f"{name}-access-logs",
            partial(access_log_policy, cloudfront=fronted),
            account_id=args.account_id,
            days=args.log_retention_days,
            protect=args.protect,
            child=child,
        )
        balancer = lb.LoadBalancer(
            f"{name}-load-balancer",
            load_balancer_type="application",
            internal=args.scheme == "internal",
            subnets=args.subnet_ids,
            security_groups=[group.id],
            ip_address_type="ipv4",
            idle_timeout=IDLE_TIMEOUT_SECONDS,
            drop_invalid_header_fields=True,
            desync_mitigation_mode="strictest",
            preserve_host_header=True,
            xff_header_processing_mode="append",
            enable_deletion_protection=args.deletion_protection,
            access_logs={"bucket": bucket.bucket, "enabled": True},
            tags={"Name": name},
            # ELB writes a test object when logs are switched on.
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[policy, *rules])),
        )
        target = make_target_group(
            f"{name}-pods",
            vpc_id=args.vpc_id,
            cluster_name=args.cluster_name,
            port=args.pod_port,
            health_path=HEALTH_PATH,
            deregistration_seconds=args.deregistration_seconds,
            child=child,
        )
        zone_id = find_zone(args.zone, self) if args.domain and args.zone else None
        certificate: pulumi.Input[str] | None = args.certificate_arn
        if args.domain and zone_id is not None:
            certificate = certificate or make_certificate(name, args.domain, zone_id, child)
        accepting: list[pulumi.Resource] = []
        keys = make_keys(name, args.cloudfront_key, child) if args.cloudfront_key is not None else []
        if keys and certificate is not None:
            listener, rule = make_keyed_listener(
                name,
                balancer.arn,
                target.arn,
                port=args.https_port,
                certificate=certificate,
                keys=keys,
                child=child,
            )
            listeners, accepting = {"https": listener}, [rule]
        else:
            listeners = make_listeners(
                name,
                balancer.arn,
                target.arn,
                ports=ports,
                certificate=certificate,
                plain_http=args.plain_http,
                child=child,
            )
        if args.firewall and not fronted:
            acl = make_firewall(
                name,
                log_group=args.firewall_log_group,
                log_days=args.log_retention_days,
                rate_limit=args.rate_limit,
                protect=args.protect,
                child=child,
            )
            protect_balancer(name, acl, balancer.arn, child)

        self._name, self._domain, self._zone_id = name, args.domain, zone_id
        if not fronted:
            self.add_alias(balancer.dns_name, balancer.zone_id, healthy_only=True)
        self.url = balancer.dns_name.apply(lambda host: edge_url(args, host))
        self.target_group_arn = after(target.arn, *listeners.values(), *accepting)
        self.listener_arns = {
            protocol: listener.arn
            for protocol, listener in listeners.items()
            if protocol == "https" or certificate is None or args.plain_http
        }
        self.dns_name = balancer.dns_name
        self.dns_zone_id = balancer.zone_id
        self.access_logs_bucket = bucket.bucket
        self.logs_bucket_arn = after(bucket.arn, policy)
        self.certificate_arn = pulumi.Output.from_input(certificate or "")
        self.origin_keys = [after(key, *accepting) for key in keys]
        self.load_balancer_suffix = balancer.arn_suffix
        self.target_group_suffix = target.arn_suffix
        self.register_outputs(
            {
                "url": self.url,
                "target_group_arn": self.target_group_arn,
                "listener_arns": self.listener_arns,
                "dns_name": self.dns_name,
                "dns_zone_id": self.dns_zone_id,
                "access_logs_bucket": self.access_logs_bucket,
                "logs_bucket_arn": self.logs_bucket_arn,
                "certificate_arn": self.certificate_arn,
                "origin_keys": self.origin_keys,
                "load_balancer_suffix": self.load_balancer_suffix,
                "target_group_suffix": self.target_group_suffix,
            }
        )

    def add_alias(self, dns_name: pulumi.Input[str], dns_zone_id: pulumi.Input[str], *, healthy_only: bool) -> None:
        """Create the alias record of the domain, if any, for a load balancer or distribution with this name and zone.

        The record is the same resource with and without CloudFront, so switching updates it in place.
        """
        if self._domain and self._zone_id is not None:
            make_alias(
                self._name,
                self._domain,
                self._zone_id,
                dns_name=dns_name,
                dns_zone_id=dns_zone_id,
                healthy_only=healthy_only,
                child=pulumi.ResourceOptions(parent=self),
            )


def edge_url(args: EdgeArgs, dns_name: str) -> str:
    """Return the URL of an edge: by its domain, else by the name of its load balancer; ports only where needed."""
    secure = bool(args.domain or args.certificate_arn) and not args.plain_http
    scheme, port, usual = ("https", args.https_port, 443) if secure else ("http", args.http_port, 80)
    host = args.domain or dns_name
    return f"{scheme}://{host}" if port == usual else f"{scheme}://{host}:{port}"
