"""Every resource type with a stand-in."""

from typing import TYPE_CHECKING

from localcloud.aws.resource import Resource
from localcloud.aws.services import (
    acm,
    cloudfront,
    cloudwatch,
    ecr,
    eks,
    iam,
    kms,
    load_balancers,
    log_deliveries,
    rds,
    route53,
    routing,
    s3,
    secretsmanager,
    security_groups,
    sqs,
    vpc,
    wafv2,
)

if TYPE_CHECKING:
    from localcloud.aws.rds_server import Database

AREAS = (
    *(vpc, routing, security_groups, eks, iam, kms, cloudwatch, rds, ecr, secretsmanager, s3, sqs),
    *(load_balancers, acm, route53, wafv2, cloudfront, log_deliveries),
)

RECORDED_ONLY = frozenset(
    resource.type for area in AREAS for resource in area.TYPES if resource.recorded == eks.RECORDED
)
"""Types of which nothing happens: the API answers with what it was asked for."""


def resource_types(database: "Database | None" = None) -> dict[str, Resource]:
    """Return every type with a stand-in, by Pulumi's token.

    Args:
        database: the server behind RDS instances; without one they are emulated only.
    """
    types: list[type[Resource]] = [resource for area in AREAS for resource in area.TYPES]
    instance = rds.Instance(database)
    return {resource.type: resource() for resource in types} | {instance.type: instance}
