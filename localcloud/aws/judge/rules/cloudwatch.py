"""Rules of CloudWatch about metric alarms: statistics, periods, the range that an alarm evaluates, and actions."""

import re
from collections.abc import Iterator
from typing import Any

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, region_of

# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/cloudwatch/pf-cloudwatch-alarm"
_INPUT = "botocore cloudwatch PutMetricAlarmInput"
_SHORT_PERIODS = (10, 20, 30)
_MINUTE, _HOUR, _DAY, _WEEK = 60, 3_600, 86_400, 604_800
# botocore cloudwatch PutMetricAlarmInput.ExtendedStatistic
_NUMBER = r"\d{1,3}(?:\.\d+)?"
_EXTENDED = re.compile(
    rf"(?:p|tm|tc|ts|wm){_NUMBER}|IQM|(?:PR|TC|TM|TS|WM)\((?:-?\d*\.?\d*%?):(?:-?\d*\.?\d*%?)\)", re.IGNORECASE
)
_PERCENTILE = re.compile(rf"p({_NUMBER})", re.IGNORECASE)
_MAX_PERCENT = 100
# botocore cloudwatch PutMetricAlarmInput.AlarmActions
_VENDORS = ("aiops", "automate", "autoscaling", "lambda", "sns", "ssm", "ssm-incidents", "swf")
_SAME_REGION = ("automate", "sns")
_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_RANGES = ("LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold")


def _statistic(parameters: Parameters) -> Iterator[RefusedError]:
    """Require exactly one statistic for an alarm on one metric, and a valid extended statistic."""
    plain, extended = parameters.get("Statistic"), parameters.get("ExtendedStatistic")
    if parameters.get("MetricName") is None:
        return
    # AWS does not document the messages about statistics.
    if (plain is None) == (extended is None):
        words = "You must specify either Statistic or ExtendedStatistic, but not both"
        yield _invalid(words, "Statistic", plain, f"{_INPUT}.Statistic")
    elif isinstance(extended, str) and known(extended) and not _is_extended(extended):
        words = f"The value {extended} for parameter ExtendedStatistic is not supported."
        yield _invalid(words, "ExtendedStatistic", extended, f"{_INPUT}.ExtendedStatistic")


def _is_extended(text: str) -> bool:
    percentile = _PERCENTILE.fullmatch(text)
    return _EXTENDED.fullmatch(text) is not None and (percentile is None or float(percentile[1]) <= _MAX_PERCENT)


def _period(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a period of 10, 20, 30 or any multiple of 60 seconds."""
    period = parameters.get("Period")
    if parameters.get("MetricName") is not None and period is None:
        # AWS's message is not known: https://github.com/sevenwestmedia-labs/pulumi-components/pull/33
        yield _invalid("Period must be specified", "Period", None, f"{_INPUT}.Period")
    if isinstance(period, int) and period not in _SHORT_PERIODS and period % _MINUTE:
        words = "Period must be 10, 20, 30 or a multiple of 60"
        yield _invalid(words, "Period", period, f"{_MEASURED}-period")


def _evaluation(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse more data points than periods, and periods that last more than a day or, from one hour on, a week."""
    period, periods = parameters.get("Period"), parameters.get("EvaluationPeriods")
    points = parameters.get("DatapointsToAlarm")
    if isinstance(points, int) and isinstance(periods, int) and points > periods:
        words = "DatapointsToAlarm must be less than or equal to EvaluationPeriods"
        source = "https://github.com/hashicorp/terraform/issues/24070"
        yield _invalid(words, "DatapointsToAlarm", points, source)
    if not isinstance(period, int) or not isinstance(periods, int):
        return
    name, limit, rest = ("week", _WEEK, " for alarms using period >= 3600") if period >= _HOUR else ("day", _DAY, "")
    if period * periods > limit:
        words = f"Metrics cannot be checked across more than a {name} (EvaluationPeriods * Period must be <= {limit})"
        source = f"{_MEASURED}-evaluation-window"
        yield _invalid(f"{words}{rest}", "EvaluationPeriods", periods, source)


def _threshold(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a threshold, unless the alarm compares with a band."""
    comparison = parameters.get("ComparisonOperator")
    if not isinstance(comparison, str) or not known(comparison):
        return
    source = f"{_MEASURED}-threshold"
    if comparison in _RANGES and parameters.get("ThresholdMetricId") is None:
        words = "ComparisonOperators for ranges require ThresholdMetricId to be set"
        yield _invalid(words, "ComparisonOperator", comparison, source)
    elif comparison not in _RANGES and parameters.get("Threshold") is None:
        words = "PutMetricAlarm request should have valid Threshold parameter"
        yield _invalid(words, "Threshold", None, source)


def _vendors(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse actions of services that alarms cannot call."""
    for name in _ACTIONS:
        for index, arn in enumerate(parameters.get(name) or ()):
            vendor = arn.split(":")[2:3] if isinstance(arn, str) and known(arn) else []
            if vendor and vendor[0] not in _VENDORS:
                yield RefusedError(
                    "ValidationError",
                    f"Unsupported AWS vendor {vendor[0]}",
                    path=(name, index),
                    value=arn,
                    source=f"{_MEASURED}-action-vendor",
                )


def _action_regions(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse topics and EC2 actions of another region than the alarm's."""
    for name in _ACTIONS:
        for index, arn in enumerate(parameters.get(name) or ()):
            parts = str(arn).split(":")
            region = parts[3] if len(parts) > 3 and parts[2] in _SAME_REGION else ""
            if region and region != region_of(ask):
                words = f"Invalid region {region} specified. Only {region_of(ask)} is supported."
                source = "https://github.com/cds-snc/notification-terraform/pull/128"
                yield RefusedError("ValidationError", words, path=(name, index), value=arn, source=source)


def _invalid(words: str, name: str, value: Any, source: str) -> RefusedError:
    return RefusedError("ValidationError", words, path=(name,), value=value, source=source)


REQUEST_RULES: RequestRules = {
    ("cloudwatch", "PutMetricAlarm"): (_statistic, _period, _evaluation, _threshold, _vendors)
}
STATE_RULES: StateRules = {("cloudwatch", "PutMetricAlarm"): (_action_regions,)}
