"""JobQueue: the SQS queue of the service, its dead-letter queue, and the permissions of its pods.

Creates the key, the two queues, the policies that deny requests without TLS, and the permissions of the pods' role.
"""

import json
from dataclasses import dataclass

import pulumi
from pulumi_aws import iam, kms, sqs

from components._iam import refuse_without_tls, use_queues
from components.order import after

DAY_SECONDS = 86_400
LONGEST_POLL_SECONDS = 20  # SQS's maximum: fewer empty responses, and long polling queries all servers


@dataclass(frozen=True, kw_only=True)
class JobQueueArgs:
    """Arguments of a JobQueue."""

    description: str
    """Description of its key in KMS."""

    role_id: pulumi.Input[str]
    """Name of the IAM role that sends and receives."""

    max_receive_count: int = 5
    """Times a message is received before it moves to the dead-letter queue. 1 to 1000."""

    visibility_timeout_seconds: int = 60
    """Visibility timeout in seconds; more than one attempt of a job takes."""

    retention_days: int = 4
    """Days that a message is retained. 1 to 14."""

    dead_letter_retention_days: int = 14
    """Days that a message in the dead-letter queue is retained, counted from when it was first sent. 1 to 14."""

    protect: bool = True
    """Protect the queues and their key from deletion by Pulumi."""


class JobQueue(pulumi.ComponentResource):
    """An SQS queue with its dead-letter queue. Stateful: the messages in both, and their key."""

    queue_url: pulumi.Output[str]
    """URL of the queue, known once the role may use it."""

    queue_arn: pulumi.Output[str]
    """ARN of the queue."""

    dead_letter_queue_url: pulumi.Output[str]
    """URL of the dead-letter queue."""

    queue_name: pulumi.Output[str]
    """Name of the queue."""

    dead_letter_queue_name: pulumi.Output[str]
    """Name of the dead-letter queue."""

    def __init__(self, name: str, args: JobQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:queue:JobQueue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        stateful = pulumi.ResourceOptions(parent=self, protect=args.protect)

        key = kms.Key(
            f"{name}-key",
            description=args.description,
            enable_key_rotation=True,
            deletion_window_in_days=30,
            opts=stateful,
        )
        dead_letters = sqs.Queue(
            f"{name}-dead-letters",
            kms_master_key_id=key.arn,
            message_retention_seconds=args.dead_letter_retention_days * DAY_SECONDS,
            receive_wait_time_seconds=LONGEST_POLL_SECONDS,
            opts=stateful,
        )
        queue = sqs.Queue(
            f"{name}-queue",
            kms_master_key_id=key.arn,
            message_retention_seconds=args.retention_days * DAY_SECONDS,
            receive_wait_time_seconds=LONGEST_POLL_SECONDS,
            visibility_timeout_seconds=args.visibility_timeout_seconds,
            redrive_policy=dead_letters.arn.apply(lambda arn: _redrive(arn, args.max_receive_count)),
            opts=stateful,
        )
        # Without it any queue of the account could use this dead-letter queue.
        sqs.RedriveAllowPolicy(
            f"{name}-dead-letters",
            queue_url=dead_letters.url,
            redrive_allow_policy=queue.arn.apply(_redrive_allow),
            opts=child,
        )
        for part, each in (("queue", queue), ("dead-letters", dead_letters)):
            sqs.QueuePolicy(
                f"{name}-{part}",
                queue_url=each.url,
                policy=each.arn.apply(refuse_without_tls),
                opts=child,
            )
        permission = iam.RolePolicy(
            f"{name}-worker",
            role=args.role_id,
            policy=pulumi.Output.all(queue.arn, dead_letters.arn, key.arn).apply(
                lambda known: use_queues(known[:2], known[2])
            ),
            opts=child,
        )

        self.queue_url = after(queue.url, permission)
        self.queue_arn = queue.arn
        self.dead_letter_queue_url = after(dead_letters.url, permission)
        self.queue_name = queue.name
        self.dead_letter_queue_name = dead_letters.name
        self.register_outputs(
            {
                "queue_url": self.queue_url,
                "queue_arn": self.queue_arn,
                "dead_letter_queue_url": self.dead_letter_queue_url,
                "queue_name": self.queue_name,
                "dead_letter_queue_name": self.dead_letter_queue_name,
            }
        )


def _redrive(dead_letters_arn: str, max_receive_count: int) -> str:
    return json.dumps({"deadLetterTargetArn": dead_letters_arn, "maxReceiveCount": max_receive_count}, sort_keys=True)


def _redrive_allow(queue_arn: str) -> str:
    return json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [queue_arn]}, sort_keys=True)
