"""The price book: on-demand prices of eu-central-1, in USD a month without tax.

Only the price of a KMS key is from AWS's page, and is the same in all regions. The others are estimates, from
public bills of this region and from articles about others. What has no price here is listed as not priced: the price
of a class is not derived from that of another class or region.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

REGION = "eu-central-1"
HOURS = 730
"""Hours of a month in AWS's pricing calculator."""
CHECKED = date(2026, 11, 30)


@dataclass(frozen=True)
class Price:
    """One price."""

    usd: float
    """Price of one for a month."""
    source: str
    """Page of AWS with the price."""
    estimate: bool = True
    """Whether the price was not read from the page for this region."""


def _hourly(usd: float, source: str, *, estimate: bool = True) -> Price:
    return Price(round(usd * HOURS, 2), source, estimate)


_VPC = "https://aws.amazon.com/vpc/pricing/"
_RDS = "https://aws.amazon.com/rds/postgresql/pricing/"
_EKS = "https://aws.amazon.com/eks/pricing/"
_EC2 = "https://aws.amazon.com/ec2/pricing/on-demand/"
_WAF = "https://aws.amazon.com/waf/pricing/"

NODE_USD = 0.1037
"""An hour of a node of 2 vCPUs and 8 GiB, such as m7a.large or m7g.large, averaged over both architectures."""

_PRICES: Mapping[str, Price] = {
    "EKS control plane": _hourly(0.10, _EKS),
    "node, 2 vCPUs and 8 GiB": _hourly(NODE_USD, _EC2),
    "EKS Auto Mode, a node": _hourly(NODE_USD * 0.12, _EKS),
    "volume of a node, a GiB": Price(0.0952, "https://aws.amazon.com/ebs/pricing/"),
    "NAT gateway": _hourly(0.052, _VPC),
    "public IPv4 address": _hourly(0.005, _VPC),
    "interface endpoint, a zone": _hourly(0.012, "https://aws.amazon.com/privatelink/pricing/"),
    "application load balancer": _hourly(0.027, "https://aws.amazon.com/elasticloadbalancing/pricing/"),
    "web ACL": Price(5, _WAF),
    "rule of a web ACL": Price(1, _WAF),
    "KMS key": Price(1, "https://aws.amazon.com/kms/pricing/", estimate=False),
    "secret": Price(0.40, "https://aws.amazon.com/secrets-manager/pricing/"),
    "metric of an alarm": Price(0.10, "https://aws.amazon.com/cloudwatch/pricing/"),
    "gp3 storage of the database, a GiB": Price(0.137, _RDS),
    "PostgreSQL on db.t4g.micro": _hourly(0.019, _RDS),
    "PostgreSQL on db.t4g.medium": _hourly(0.076, _RDS),
    "PostgreSQL on db.t4g.large": _hourly(0.152, _RDS),
    "PostgreSQL on db.m7g.large": _hourly(0.199, _RDS),
}
"""Priced item -> its price."""


def price_of(what: str, region: str) -> Price | None:
    """Return the price of an item in a region; None if the book does not have it."""
    return _PRICES.get(what) if region == REGION else None
