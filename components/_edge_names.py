"""The name of an Edge: its certificate, validated by DNS, and the record that leads to its load balancer."""

from __future__ import annotations

from typing import Literal

import pulumi
from pulumi_aws import acm, route53

from components.order import after

VALIDATION_TTL_SECONDS = 60
VALIDATION_TIMEOUT = "30m"  # ACM finds the record some minutes after its creation; Pulumi's default is 75


def find_zone(name: str, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Return the id of a public hosted zone of the account; the plan fails if there is none."""
    options = pulumi.InvokeOutputOptions(parent=parent)
    zone_id: pulumi.Output[str] = route53.get_zone_output(name=name, private_zone=False, opts=options).zone_id
    return zone_id


def make_certificate(
    name: str, domain: str, zone_id: pulumi.Input[str], child: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Request a certificate for a domain and return its ARN, known once it is issued."""
    certificate = acm.Certificate(
        f"{name}-certificate",
        domain_name=domain,
        validation_method="DNS",
        tags={"Name": domain},
        # It may be in use while the next one is issued, so a replacement is created first, which is Pulumi's default.
        opts=child,
    )
    option = certificate.domain_validation_options[0]
    record = route53.Record(
        f"{name}-validation",
        zone_id=zone_id,
        name=option.apply(lambda each: each.resource_record_name or ""),
        type=option.apply(lambda each: each.resource_record_type or ""),
        ttl=VALIDATION_TTL_SECONDS,
        records=[option.apply(lambda each: each.resource_record_value or "")],
        opts=child,
    )
    issued = acm.CertificateValidation(
        f"{name}-issued",
        certificate_arn=certificate.arn,
        opts=pulumi.ResourceOptions(
            parent=child.parent,
            depends_on=[record],
            custom_timeouts=pulumi.CustomTimeouts(create=VALIDATION_TIMEOUT),
        ),
    )
    return after(issued.certificate_arn, issued)


def make_certificate_elsewhere(
    name: str, domain: str, region: str, validated: pulumi.Input[str], child: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Request another certificate for a domain, in another region, and return its ARN, known once it is issued.

    ACM uses the same validation record in all regions; it exists once the first certificate, `validated`, is issued:
    https://github.com/hashicorp/terraform-provider-aws/issues/13653
    """
    certificate = acm.Certificate(
        f"{name}-certificate",
        region=region,
        domain_name=domain,
        validation_method="DNS",
        tags={"Name": domain},
        opts=child,
    )
    issued = acm.CertificateValidation(
        f"{name}-issued",
        region=region,
        certificate_arn=pulumi.Output.all(certificate.arn, validated).apply(lambda arns: arns[0]),
        opts=pulumi.ResourceOptions(
            parent=child.parent, custom_timeouts=pulumi.CustomTimeouts(create=VALIDATION_TIMEOUT)
        ),
    )
    return after(issued.certificate_arn, issued)


def make_alias(
    name: str,
    domain: str,
    zone_id: pulumi.Input[str],
    *,
    dns_name: pulumi.Input[str],
    dns_zone_id: pulumi.Input[str],
    child: pulumi.ResourceOptions,
    type_: Literal["A", "AAAA"] = "A",
    healthy_only: bool = True,
) -> None:
    """Create an alias record of a domain for a load balancer or a distribution, given its DNS name and hosted zone.

    Route 53 knows the health of load balancers only:
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
    """
    route53.Record(
        f"{name}-alias",
        zone_id=zone_id,
        name=domain,
        type=type_,
        aliases=[{"name": dns_name, "zone_id": dns_zone_id, "evaluate_target_health": healthy_only}],
        opts=child,
    )
