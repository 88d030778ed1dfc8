"""Alarms: metrics, thresholds and actions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.alarms import Alarms, definitions
from tests.support.builders import alarms_args
from tests.support.recorder import Recording, record

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
BALANCER = {"LoadBalancer": "app/edge/0123456789abcdef"}
TARGETS = {**BALANCER, "TargetGroup": "targetgroup/pods/0123456789abcdef"}
DATABASE = {"DBInstanceIdentifier": "drydock-test"}
# Name -> namespace, metric, dimensions, statistic, comparison, threshold, seconds until it starts.
EXPECTED = {
    "errors": ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", TARGETS, "Sum", ">", 10, 180),
    "unavailable": ("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", BALANCER, "Sum", ">", 10, 180),
    "no-healthy-pod": ("AWS/ApplicationELB", "HealthyHostCount", TARGETS, "Minimum", "<", 1, 180),
    "slow": ("AWS/ApplicationELB", "TargetResponseTime", TARGETS, "p99", ">", 2, 600),
    "database-storage": ("AWS/RDS", "FreeStorageSpace", DATABASE, "Minimum", "<", 1_503_238_553, 180),
    "database-processor": ("AWS/RDS", "CPUUtilization", DATABASE, "Average", ">", 90, 900),
    "database-connections": ("AWS/RDS", "DatabaseConnections", DATABASE, "Maximum", ">", 85, 180),
    "dead-letters": (
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        {"QueueName": "jobs-dead-letters"},
        "Maximum",
        ">",
        0,
        60,
    ),
    "old-jobs": ("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": "jobs-queue"}, "Maximum", ">", 600, 180),
}
SIGNS = {"GreaterThanThreshold": ">", "LessThanThreshold": "<"}
TOPIC = "arn:aws:sns:eu-central-1:123456789012:pager"


def _alarms(**changes: object) -> Recording:
    return record(lambda: Alarms("alarms", alarms_args(**changes)) and None)


@pytest.fixture(scope="module")
def recording() -> Recording:
    """Record the alarms with all defaults."""
    return _alarms()


@pytest.mark.parametrize("name", EXPECTED)
def test_each_alarm_watches_its_metric(recording: Recording, name: str) -> None:
    """The dimensions are those with which AWS publishes the metric; with others it would never have a value."""
    namespace, metric, dimensions, statistic, sign, threshold, seconds = EXPECTED[name]
    alarm = recording.only(ALARM, f"alarms-{name}").inputs

    assert alarm["alarmDescription"].startswith("drydock-test: ")
    assert "name" not in alarm
    assert (alarm["namespace"], alarm["metricName"], alarm["dimensions"]) == (namespace, metric, dimensions)
    assert (alarm.get("statistic") or alarm.get("extendedStatistic")) == statistic
    assert ("statistic" in alarm) != ("extendedStatistic" in alarm)
    assert (SIGNS[alarm["comparisonOperator"]], alarm["threshold"]) == (sign, threshold)
    assert alarm["datapointsToAlarm"] * alarm["period"] == seconds


def test_there_are_no_other_alarms(recording: Recording) -> None:
    """All alarms are in the list above."""
    assert {each.name for each in recording.all(ALARM)} == {f"alarms-{name}" for name in EXPECTED}


@pytest.mark.parametrize("queue", [True, False])
def test_shared_resources_have_alarms_once(*, queue: bool) -> None:
    """An additional service has alarms for its own targets and queue only."""
    found = definitions(alarms_args(database=None, **({} if queue else {"queue": None, "dead_letters": None})))

    assert set(found) == {"errors", "no-healthy-pod", "slow", *(["dead-letters", "old-jobs"] if queue else [])}


def test_only_no_healthy_pod_starts_without_values(recording: Recording) -> None:
    """A load balancer without targets reports no hosts; other metrics have no values if there are no requests."""
    missing = {each.name.removeprefix("alarms-"): each.inputs["treatMissingData"] for each in recording.all(ALARM)}

    assert {name for name, value in missing.items() if value == "breaching"} == {"no-healthy-pod"}
    assert {name for name, value in missing.items() if value == "missing"} == {
        "database-storage",
        "database-processor",
        "database-connections",
    }


def test_every_topic_is_notified_of_start_and_end() -> None:
    """Each alarm has all topics as alarm and OK actions."""
    for alarm in _alarms(topics=[TOPIC]).all(ALARM):
        assert (alarm.inputs["alarmActions"], alarm.inputs["okActions"]) == ([TOPIC], [TOPIC])


@given(storage=st.integers(20, 65_536), connections=st.integers(10, 5000))
def test_limits_of_the_database_follow_its_size(storage: int, connections: int) -> None:
    """The alarm for storage is below 10 % free, at which RDS grows it; that for connections is below the maximum."""
    found = definitions(alarms_args(allocated_storage_gib=storage, max_connections=connections))

    assert 0 < found["database-storage"].threshold < 0.1 * storage * 1024**3
    assert 0 < found["database-connections"].threshold < connections


def test_datapoints_and_periods_are_within_the_limits_of_cloudwatch() -> None:
    """CloudWatch refuses more datapoints than periods, and periods of more than a day in total."""
    for alarm in definitions(alarms_args()).values():
        assert 0 < alarm.points <= alarm.periods
        assert alarm.periods * alarm.period <= 86_400
