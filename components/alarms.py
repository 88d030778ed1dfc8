"""Alarms: CloudWatch alarms of a service, from its load balancer to its dead-letter queue.

Creates one metric alarm for each way in which the service can fail or degrade. All alarms notify the same SNS
topics.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_aws import cloudwatch

MINUTE, GIB = 60, 1024**3
# Of the allocated storage. RDS grows it at 10 % free, no more than once in six hours:
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
LOW_STORAGE_SHARE = 0.07
HIGH_CONNECTIONS_SHARE = 0.85
ERRORS_PER_MINUTE = 10
SLOW_SECONDS = 2.0
OLD_MESSAGE_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class AlarmsArgs:
    """Arguments of Alarms."""

    environment: str
    """Prefix of the descriptions, such as `drydock-prod`."""

    load_balancer: pulumi.Input[str]
    """Suffix of the load balancer's ARN from `app/`, which is its dimension in metrics."""

    target_group: pulumi.Input[str]
    """Suffix of the target group's ARN from `targetgroup/`."""

    database: pulumi.Input[str] | None = None
    """Identifier of the RDS instance. None: the alarms of another service cover the shared resources, the database
    and the load balancer as a whole."""

    allocated_storage_gib: int = 100
    """Initial storage of the database."""

    max_connections: int = 400
    """Maximum of connections of the database."""

    queue: pulumi.Input[str] | None = None
    """Name of the queue; None for a service without one."""

    dead_letters: pulumi.Input[str] | None = None
    """Name of the dead-letter queue."""

    topics: Sequence[str] = ()
    """ARNs of SNS topics that are notified when an alarm starts and ends. Empty: alarms are only visible in CloudWatch
    ."""


@dataclass(frozen=True, kw_only=True)
class Definition:
    """An alarm, which starts when `points` of the last `periods` values breach the threshold."""

    description: str
    namespace: str
    metric: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str
    """Statistic such as `Sum`, or a percentile such as `p99`."""
    threshold: float
    comparison: Literal["GreaterThanThreshold", "LessThanThreshold"] = "GreaterThanThreshold"
    period: int = MINUTE
    """Seconds."""
    periods: int = 5
    points: int = 3
    missing: Literal["notBreaching", "breaching", "missing"] = "notBreaching"
    """How a period without data is treated."""


class Alarms(pulumi.ComponentResource):
    """The alarms of a service. Holds no state."""

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:observability:Alarms", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        for what, alarm in definitions(args).items():
            percentile = alarm.statistic.startswith("p")
            cloudwatch.MetricAlarm(
                f"{name}-{what}",
                alarm_description=f"{args.environment}: {alarm.description}",
                namespace=alarm.namespace,
                metric_name=alarm.metric,
                dimensions=alarm.dimensions,
                statistic=None if percentile else alarm.statistic,
                extended_statistic=alarm.statistic if percentile else None,
                comparison_operator=alarm.comparison,
                threshold=alarm.threshold,
                period=alarm.period,
                evaluation_periods=alarm.periods,
                datapoints_to_alarm=alarm.points,
                treat_missing_data=alarm.missing,
                alarm_actions=list(args.topics),
                ok_actions=list(args.topics),
                opts=child,
            )
        self.register_outputs({})


def definitions(args: AlarmsArgs) -> Mapping[str, Definition]:
    """Return each alarm by its name.

    The metrics are those of
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html,
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html and
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html.
    """
    return {
        **_of_targets(args),
        **(_of_shared(args, args.database) if args.database is not None else {}),
        **(
            _of_queue(args.queue, args.dead_letters) if args.queue is not None and args.dead_letters is not None else {}
        ),
    }


def _of_targets(args: AlarmsArgs) -> Mapping[str, Definition]:
    targets = {"LoadBalancer": args.load_balancer, "TargetGroup": args.target_group}
    return {
        "errors": Definition(
            description="The service returns 5xx responses.",
            namespace="AWS/ApplicationELB",
            metric="HTTPCode_Target_5XX_Count",
            dimensions=targets,
            statistic="Sum",
            threshold=ERRORS_PER_MINUTE,
        ),
        "no-healthy-pod": Definition(
            description="The load balancer has no healthy pod.",
            namespace="AWS/ApplicationELB",
            metric="HealthyHostCount",
            dimensions=targets,
            statistic="Minimum",
            threshold=1,
            comparison="LessThanThreshold",
            missing="breaching",
        ),
        "slow": Definition(
            description=f"1 % of the requests take more than {SLOW_SECONDS:g} s.",
            namespace="AWS/ApplicationELB",
            metric="TargetResponseTime",
            dimensions=targets,
            statistic="p99",
            threshold=SLOW_SECONDS,
            periods=15,
            points=10,
        ),
    }


def _of_shared(args: AlarmsArgs, identifier: pulumi.Input[str]) -> Mapping[str, Definition]:
    database = {"DBInstanceIdentifier": identifier}
    return {
        "unavailable": Definition(
            description="The load balancer returns 5xx responses, because no pod is available.",
            namespace="AWS/ApplicationELB",
            metric="HTTPCode_ELB_5XX_Count",
            dimensions={"LoadBalancer": args.load_balancer},
            statistic="Sum",
            threshold=ERRORS_PER_MINUTE,
        ),
        "database-storage": Definition(
            description="The database is running out of storage.",
            namespace="AWS/RDS",
            metric="FreeStorageSpace",
            dimensions=database,
            statistic="Minimum",
            threshold=float(int(args.allocated_storage_gib * GIB * LOW_STORAGE_SHARE)),
            comparison="LessThanThreshold",
            missing="missing",
        ),
        "database-processor": Definition(
            description="The CPU of the database has been at its limit for 15 minutes.",
            namespace="AWS/RDS",
            metric="CPUUtilization",
            dimensions=database,
            statistic="Average",
            threshold=90,
            periods=15,
            points=15,
            missing="missing",
        ),
        "database-connections": Definition(
            description="The database has few connections left.",
            namespace="AWS/RDS",
            metric="DatabaseConnections",
            dimensions=database,
            statistic="Maximum",
            threshold=float(int(args.max_connections * HIGH_CONNECTIONS_SHARE)),
            missing="missing",
        ),
    }


def _of_queue(queue: pulumi.Input[str], dead_letters: pulumi.Input[str]) -> Mapping[str, Definition]:
    return {
        "dead-letters": Definition(
            description="Jobs have failed and are in the dead-letter queue.",
            namespace="AWS/SQS",
            metric="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": dead_letters},
            statistic="Maximum",
            threshold=0,
            periods=1,
            points=1,
        ),
        "old-jobs": Definition(
            description=f"A job has been waiting for more than {OLD_MESSAGE_SECONDS // MINUTE} minutes.",
            namespace="AWS/SQS",
            metric="ApproximateAgeOfOldestMessage",
            dimensions={"QueueName": queue},
            statistic="Maximum",
            threshold=OLD_MESSAGE_SECONDS,
        ),
    }
