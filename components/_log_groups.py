"""Log groups with fixed names, which an AWS service writes to and may have created already."""

from collections.abc import Collection

import pulumi
from pulumi_aws import cloudwatch


def log_group(
    name: str, group: str, retention_days: int, existing: Collection[str], opts: pulumi.ResourceOptions
) -> cloudwatch.LogGroup:
    """Create a log group, or import one that exists already.

    EKS and RDS create the group of their logs if it is missing, without an expiry. They also write their last logs
    after a destroy has deleted it, which creates it again
    (https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2763), and CreateLogGroup then fails. Pulumi
    imports such a group, and sets its retention and tags in the same deployment.

    Args:
        name: logical name.
        group: name of the log group.
        retention_days: days that logs are kept.
        existing: names of log groups that exist but are not in the state.
        opts: options of the resource.
    """
    taken = pulumi.ResourceOptions(import_=group if group in existing else None)
    return cloudwatch.LogGroup(
        name, name=group, retention_in_days=retention_days, opts=pulumi.ResourceOptions.merge(opts, taken)
    )
