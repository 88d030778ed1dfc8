"""The versions that a stack may ask for, and when AWS's support of each ends. The one place for these facts.

All dates were looked up on 2026-11-28. To renew them, run `aws eks describe-cluster-versions`, `aws eks
describe-addon-versions --addon-name metrics-server` and look at the pages that each table names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Support:
    """When AWS's support of a version ends."""

    standard: date
    """Last day without extra charge."""
    extended: date
    """Last day with extra charge."""


KUBERNETES: Mapping[str, Support] = {
    "1.33": Support(standard=date(2026, 7, 29), extended=date(2027, 7, 29)),
    "1.34": Support(standard=date(2026, 12, 2), extended=date(2027, 12, 2)),
    "1.35": Support(standard=date(2027, 3, 27), extended=date(2028, 3, 27)),
    "1.36": Support(standard=date(2027, 8, 2), extended=date(2028, 8, 2)),
}
"""Minors that EKS offers:
https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html#kubernetes-release-calendar, as
https://endoflife.date/amazon-eks copies it."""

POSTGRESQL: Mapping[str, Support] = {
    "14": Support(standard=date(2027, 2, 28), extended=date(2030, 2, 28)),
    "15": Support(standard=date(2028, 2, 29), extended=date(2031, 2, 28)),
    "16": Support(standard=date(2029, 2, 28), extended=date(2032, 2, 29)),
    "17": Support(standard=date(2030, 2, 28), extended=date(2033, 2, 28)),
    # AWS has not published these dates: five years of community support, then three years of extended support.
    "18": Support(standard=date(2031, 2, 28), extended=date(2034, 2, 28)),
}
"""Majors that RDS offers:
https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html, as
https://endoflife.date/amazon-rds-postgresql copies it."""

METRICS_SERVER: Mapping[str, Sequence[str]] = {
    "1.33": ("v0.8.1-eksbuild.4", "v0.8.0-eksbuild.2"),
    "1.34": ("v0.8.1-eksbuild.4", "v0.8.0-eksbuild.6"),
    "1.35": ("v0.8.1-eksbuild.6", "v0.8.1-eksbuild.10", "v0.8.1-eksbuild.4", "v0.8.1-eksbuild.2", "v0.8.0-eksbuild.6"),
    # Assumed from the builds for 1.35; no public cluster with 1.36 was found.
    "1.36": ("v0.8.1-eksbuild.10",),
}
"""Kubernetes minor -> builds of the add-on that public clusters of that minor run, the default first. AWS lists
them only through its API: https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddonVersions.html. A
build that is not offered fails CreateAddon."""

POD_LOGS = "v6.3.0-eksbuild.1"
"""Build of the add-on `amazon-cloudwatch-observability` that a public cluster in Auto Mode runs:
https://github.com/aws-samples/sample-aws-eks-auto-mode/pull/21. It was of Kubernetes 1.34; for other minors none was
found."""

RDS_AUTHORITY = "rds-ca-rsa2048-g1"
"""The authority that signs the certificate of a database:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html#UsingWithRDS.SSL.CertificateAuthorities"""
RDS_AUTHORITY_ENDS = date(2061, 5, 18)
"""Its certificate's first end in any region, of https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem."""
