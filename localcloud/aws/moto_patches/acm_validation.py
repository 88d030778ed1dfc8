"""moto issues a certificate a minute after its request or never, regardless of the validation of its domain.

ACM issues a certificate as soon as its validation record is in DNS:
https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html. The patch checks the hosted zones of the account.

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.acm.models import CertBundle
from moto.route53.models import route53_backends

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""

    def check(self: Any) -> None:
        if self.type != "AMAZON_ISSUED" or self.status != "PENDING_VALIDATION":
            original(self)
            return
        wanted = {
            (each["ResourceRecord"]["Name"].rstrip("."), each["ResourceRecord"]["Value"].rstrip("."))
            for each in self.describe()["Certificate"]["DomainValidationOptions"]
        }
        if wanted <= _records(self.arn.split(":")[4]):
            self.status = "ISSUED"

    original = changes.put(CertBundle, "check", check)


def _records(account_id: str) -> set[tuple[str, str]]:
    """Return name and value of each CNAME record in the hosted zones of an account."""
    return {
        (record.name.rstrip("."), str(value).rstrip("."))
        for backend in route53_backends[account_id].values()
        for zone in backend.zones.values()
        for record in zone.rrsets
        if record.type == "CNAME"
        for value in record.records
    }


PATCH = Patch(name="acm_validation", apply=apply)
