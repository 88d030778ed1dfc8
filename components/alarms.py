"""Alarms: what CloudWatch watches of a service, from its load balancer to its dead letters.

Creates one metric alarm for each way in which the service fails its users or is about to. All send to the same SNS
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
    """What Alarms are made from."""

    environment: str
    """What the descriptions of the alarms begin with, such as `drydock-prod`."""

    load_balancer: pulumi.Input[str]
    """The end of the load balancer's ARN, from `app/` on, as its metrics name it."""

    target_group: pulumi.Input[str]
    """The end of the target group's ARN, from `targetgroup/` on."""

    database: pulumi.Input[str] | None = None
    """Identifier of the RDS instance. None: the alarms of another service watch what both share, which is the database
    and the load balancer as a whole."""

    allocated_storage_gib: int = 100
    """Storage that the database starts with."""

    max_connections: int = 400
    """Connections that the database takes."""

    queue: pulumi.Input[str] | None = None
    """Name of the queue; None: the service has none."""

    dead_letters: pulumi.Input[str] | None = None
    """Name of the queue of dead letters."""

    topics: Sequence[str] = ()
    """ARNs of SNS topics that get a message when an alarm starts and when it ends. None: alarms show in CloudWatch
    only."""


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One alarm: it starts when `points` of the last `periods` values are beyond the threshold."""

    description: str
    namespace: str
    metric: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str
    """Such as `Sum`, or a percentile such as `p99`."""
    threshold: float
    comparison: Literal["GreaterThanThreshold", "LessThanThreshold"] = "GreaterThanThreshold"
    period: int = MINUTE
    """Seconds."""
    periods: int = 5
    points: int = 3
    missing: Literal["notBreaching", "breaching", "missing"] = "notBreaching"
    """What a period without a value counts as."""


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
            description="The service answers requests with 5xx.",
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
            description=f"One of 100 requests takes more than {SLOW_SECONDS:g} s.",
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
            description="The load balancer answers requests with 5xx: no pod takes them.",
            namespace="AWS/ApplicationELB",
            metric="HTTPCode_ELB_5XX_Count",
            dimensions={"LoadBalancer": args.load_balancer},
            statistic="Sum",
            threshold=ERRORS_PER_MINUTE,
        ),
        "database-storage": Definition(
            description="The database is about to run out of storage.",
            namespace="AWS/RDS",
            metric="FreeStorageSpace",
            dimensions=database,
            statistic="Minimum",
            threshold=float(int(args.allocated_storage_gib * GIB * LOW_STORAGE_SHARE)),
            comparison="LessThanThreshold",
            missing="missing",
        ),
        "database-processor": Definition(
            description="The database has had no processor time to spare for 15 minutes.",
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
            description="Jobs have failed for good, and are in the queue of dead letters.",
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
