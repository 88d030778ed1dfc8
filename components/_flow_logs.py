"""The flow logs of a Network, in a private, encrypted, versioned bucket."""

from __future__ import annotations

import pulumi
from pulumi_aws import ec2, s3

from components._iam import log_bucket_policy
from components._log_bucket import make_log_bucket
from components._network_args import NetworkArgs


def make_flow_logs(
    name: str, args: NetworkArgs, vpc_id: pulumi.Output[str], child: pulumi.ResourceOptions
) -> s3.Bucket:
    """Log every flow of the VPC, accepted or rejected, and return the bucket of the logs."""
    logs = f"{name}-flow-logs"
    bucket, policy = make_log_bucket(
        logs,
        log_bucket_policy,
        account_id=args.account_id,
        days=args.flow_logs_retention_days,
        protect=args.protect,
        child=child,
    )
    ec2.FlowLog(
        logs,
        vpc_id=vpc_id,
        traffic_type="ALL",
        log_destination_type="s3",
        log_destination=bucket.arn,
        # s; interfaces of Nitro instances, such as all nodes, have no longer one:
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html
        max_aggregation_interval=60,
        tags={"Name": logs},
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[policy])),
    )
    return bucket
