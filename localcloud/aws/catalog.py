"""All resource types that the stand-in provider supports."""

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
    listeners,
    load_balancers,
    log_deliveries,
    rds,
    route53,
    routing,
    s3,
    secretsmanager,
    security_groups,
    sqs,
    target_groups,
    vpc,
    wafv2,
)

if TYPE_CHECKING:
    from localcloud.aws.rds_server import Database

AREAS = (
    *(vpc, routing, security_groups, eks, iam, kms, cloudwatch, rds, ecr, secretsmanager, s3, sqs),
    *(load_balancers, listeners, target_groups, acm, route53, wafv2, cloudfront, log_deliveries),
)

RECORDED_ONLY = frozenset(
    resource.type for area in AREAS for resource in area.TYPES if resource.recorded == eks.RECORDED
)
"""Types that are not emulated. The API only returns what was requested."""


def resource_types(database: "Database | None" = None) -> dict[str, Resource]:
    """Return all supported resource types, by Pulumi's type token.

    Args:
        database: database server of RDS instances. Without it they are only emulated.
    """
    types: list[type[Resource]] = [resource for area in AREAS for resource in area.TYPES]
    instance = rds.Instance(database)
    return {resource.type: resource() for resource in types} | {instance.type: instance}
