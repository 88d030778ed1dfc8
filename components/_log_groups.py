"""Log groups of a fixed name, which an AWS service writes to and may have made first."""

from collections.abc import Collection

import pulumi
from pulumi_aws import cloudwatch


def log_group(
    name: str, group: str, retention_days: int, existing: Collection[str], opts: pulumi.ResourceOptions
) -> cloudwatch.LogGroup:
    """Make a log group, or take one over that is there already.

    EKS and RDS make the group of their logs where it is missing, to be kept for ever. They also write their last logs
    after a destroy has deleted it, which makes it again
    (https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2763), and CreateLogGroup then fails. Pulumi
    imports such a group, and sets retention and tags of the program in the same deployment.

    Args:
        name: logical name.
        group: name of the log group.
        retention_days: days that logs are kept.
        existing: names of log groups that are there and in no state.
        opts: of the resource.
    """
    taken = pulumi.ResourceOptions(import_=group if group in existing else None)
    return cloudwatch.LogGroup(
        name, name=group, retention_in_days=retention_days, opts=pulumi.ResourceOptions.merge(opts, taken)
    )
