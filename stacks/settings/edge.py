"""`drydock:edge`."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from stacks.settings.arns import CERTIFICATE, certificate_arn
from stacks.settings.domains import Domain, can_be_zone, parent
from stacks.settings.model import RetentionDays, SettingsModel

CertificateArn = Annotated[str, AfterValidator(certificate_arn), Field(json_schema_extra={"pattern": CERTIFICATE})]
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
HTTPS_PORT, LOWEST_ORIGIN_PORT = 443, 1024
Port = Annotated[int, Field(ge=1, le=65535)]


class CloudfrontSettings(SettingsModel):
    """CloudFront in front of the load balancer, which then accepts no other requests."""

    key: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    """Version of the secret key with which CloudFront identifies itself to the load balancer. To rotate the key, raise
    this number by one. The previous key is accepted until the next rotation."""


class EdgeSettings(SettingsModel):
    """The load balancer of the service."""

    scheme: Literal["internal", "internet-facing"] = "internal"
    """`internal`: reachable from the VPC and its peers. `internet-facing`: reachable from the internet; requires
    TLS."""

    domain: Domain | None = None
    """DNS name of the service, in a Route 53 zone of the account. Its alias record and certificate are created
    there."""

    zone: Domain | None = None
    """The Route 53 zone of `domain`; default: the parent of `domain`. Required for a domain such as `example.com`."""

    certificate_arn: CertificateArn | None = None
    """ARN of a certificate in ACM to use instead of a new one for `domain`. Without `domain`, no record is created."""

    http: Literal["redirect", "forward"] | None = None
    """What the HTTP port does: `redirect` to HTTPS, the default with a certificate, or `forward`
    requests to the service, only with `scheme: internal`."""

    http_port: Port = 80
    """Port of HTTP."""

    https_port: Port = 443
    """Port of HTTPS."""

    cloudfront: CloudfrontSettings | None = None
    """Put CloudFront in front of the load balancer, which then accepts no other requests; `{}` for the default. It
    needs `scheme: internet-facing` and `domain`. Raise its `key` (default 1) by one to rotate the key that the load
    balancer checks."""

    firewall: bool = True
    """Protect the load balancer, or the CloudFront distribution in front of it, with AWS WAF: managed rules and a rate
    limit for each client."""

    log_retention_days: RetentionDays = 365
    """Retention in days of the access logs and the firewall's log."""

    deletion_protection: bool = True
    """Enable deletion protection of the load balancer."""

    @property
    def secure(self) -> bool:
        """Whether there is TLS."""
        return bool(self.domain or self.certificate_arn)

    @property
    def hosted_zone(self) -> str | None:
        """Name of the Route 53 zone that `domain` is in; None without a domain."""
        return self.zone or (parent(self.domain) if self.domain else None)

    @property
    def plain_http(self) -> bool:
        """Whether plain HTTP requests are served."""
        return not self.secure if self.http is None else self.http == "forward"

    def problems(self) -> Iterator[str]:
        """Find unencrypted traffic on the internet, and conflicting names and ports."""
        if self.zone and not self.domain:
            yield "zone: must not be set without domain"
        elif self.zone and self.domain and not f".{self.domain}".endswith(f".{self.zone}"):
            above = f" or end it, such as {parent(self.domain)}" if can_be_zone(parent(self.domain)) else ""
            yield f"zone: must be {self.domain}{above}, got {self.zone}"
        elif self.domain and not self.zone and not can_be_zone(parent(self.domain)):
            yield f"zone: must be set to {self.domain}: the default is {parent(self.domain)}, which is not your zone"
        if self.scheme == "internet-facing" and not self.secure:
            yield "scheme: must be internal without domain or certificateArn: internet clients are served by TLS only"
        if self.http == "redirect" and not self.secure:
            yield "http: must be forward without domain or certificateArn: there is no HTTPS to redirect to"
        if self.http == "forward" and self.scheme == "internet-facing":
            yield "http: must be redirect with scheme internet-facing: internet clients are served by TLS only"
        if self.cloudfront:
            yield from self._cloudfront_problems()
        if self.http_port == self.https_port:
            yield f"httpsPort: must be another port than httpPort, got {self.https_port}"

    def _cloudfront_problems(self) -> Iterator[str]:
        if self.scheme != "internet-facing":
            yield "cloudfront: needs scheme internet-facing: CloudFront calls the load balancer from the internet"
        if not self.domain:
            yield "cloudfront: needs domain: both certificates are for it; set it to a name in a Route 53 zone of yours"
        if self.https_port < LOWEST_ORIGIN_PORT and self.https_port != HTTPS_PORT:
            yield (
                f"httpsPort: must be {HTTPS_PORT} with cloudfront, or {LOWEST_ORIGIN_PORT} or more, because "
                f"CloudFront connects to no other ports, got {self.https_port}"
            )
        if self.certificate_arn:
            yield (
                "certificateArn: must not be set with cloudfront: Drydock creates one in the region and one in "
                "us-east-1"
            )
