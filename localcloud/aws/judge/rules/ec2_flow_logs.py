"""Rules of EC2 about flow logs."""

import re
from collections.abc import Iterator
from typing import Any

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.ec2_network import MEASURED
from localcloud.aws.judge.rules.rule import Parameters, RequestRules

_INTERVALS = (60, 600)
# https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
_FIELDS = frozenset(
    """version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action
    log-status vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type
    sublocation-id pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path ecs-cluster-arn ecs-cluster-name
    ecs-container-instance-arn ecs-container-instance-id ecs-container-id ecs-second-container-id ecs-service-name
    ecs-task-definition-arn ecs-task-arn ecs-task-id reject-reason resource-id encryption-status""".split()  # noqa: SIM905
)
_FIELD = re.compile(r"\$\{([^}]*)\}")


def _interval(parameters: Parameters) -> Iterator[RefusedError]:
    """Require an aggregation interval of one or ten minutes."""
    seconds = parameters.get("MaxAggregationInterval")
    if isinstance(seconds, int) and seconds not in _INTERVALS:
        source = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html"
        yield _invalid("Invalid Flow Log Max Aggregation Interval", "MaxAggregationInterval", seconds, source)


def _format(parameters: Parameters) -> Iterator[RefusedError]:
    """Require at least one field, such as `${srcaddr}`, and refuse unknown fields."""
    text = parameters.get("LogFormat")
    if not isinstance(text, str) or not known(text):
        return
    fields = _FIELD.findall(text)
    unknown = [field for field in fields if field not in _FIELDS]
    if unknown:
        listed = ", ".join(f"'{field}'" for field in unknown)
        source = f"{MEASURED}-flow-log-format-fields"
        yield _invalid(f"Unknown fields provided: {listed}", "LogFormat", text, source)
    elif not fields:
        source = "botocore ec2 CreateFlowLogsRequest.LogFormat"
        yield _invalid("LogFormat must include at least one field", "LogFormat", text, source)


def _destination(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a destination, and a role for a destination in CloudWatch Logs."""
    kind = parameters.get("LogDestinationType") or "cloud-watch-logs"
    if not known(kind):
        return
    source = f"{MEASURED}-flow-log-destination-config"
    if not parameters.get("LogDestination") and not parameters.get("LogGroupName"):
        words = "LogDestination can't be empty if LogGroupName is not provided."
        yield _invalid(words, "LogDestination", None, source)
    elif kind == "cloud-watch-logs" and not parameters.get("DeliverLogsPermissionArn"):
        words = "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs."
        yield _invalid(words, "DeliverLogsPermissionArn", None, source)


def _invalid(words: str, name: str, value: Any, source: str) -> RefusedError:
    return RefusedError("InvalidParameter", words, path=(name,), value=value, source=source)


REQUEST_RULES: RequestRules = {("ec2", "CreateFlowLogs"): (_interval, _format, _destination)}
