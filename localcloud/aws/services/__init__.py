"""The resource types, a file an area; `resource_types` is the whole table."""

from typing import TYPE_CHECKING

from localcloud.aws.resource import Resource

if TYPE_CHECKING:
    from localcloud.aws.provider import Database


def resource_types(database: "Database | None" = None) -> dict[str, Resource]:
    """Every type with a stand-in, by Pulumi's token.

    Args:
        database: the server behind RDS instances; without one they are emulated only.
    """
    from localcloud.aws.services import (  # noqa: PLC0415 - the areas import what this package defines
        cloudwatch,
        ecr,
        eks,
        iam,
        kms,
        rds,
        routing,
        s3,
        secretsmanager,
        security_groups,
        vpc,
    )

    areas = (vpc, routing, security_groups, eks, iam, kms, cloudwatch, rds, ecr, secretsmanager, s3)
    types: list[type[Resource]] = [resource for area in areas for resource in area.TYPES]
    table = {resource.type: resource() for resource in types}
    table[rds.Instance.type] = rds.Instance(database)
    return table
