"""Rule: an experiment of the Fault Injection Service is stopped by an alarm.

Anchors: Well-Architected REL12-BP04.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, at, items
from infra.resources.resource import Resource

ALARM = "aws:cloudwatch:alarm"


def check(template: Resource) -> Iterator[str]:
    """Yield a finding for an experiment without an alarm that stops it."""
    stops = template.properties.get("stopConditions")
    if stops is UNKNOWN or any(at(each, "source") in (ALARM, UNKNOWN) for each in items(stops)):
        return
    yield "stopConditions has no alarm"


RULE = resource_rule(
    name="aws-fis-stop-condition",
    severity=Severity.HIGH,
    description="An experiment of the Fault Injection Service must have a CloudWatch alarm as a stop condition.",
    remedy="add a stopConditions entry with source aws:cloudwatch:alarm and the ARN of an alarm",
    types=["aws:fis/experimentTemplate:ExperimentTemplate"],
    check=check,
)
