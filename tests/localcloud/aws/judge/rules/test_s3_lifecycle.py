"""Rules of S3 for lifecycles: dates, and combinations in one rule."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

MIDNIGHT = datetime(2030, 1, 1, tzinfo=UTC)
ABORT = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}
IA, GLACIER = {"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}


def code(**rule: Any) -> str:
    request = {"Bucket": "b", "LifecycleConfiguration": {"Rules": [{"ID": "all", "Status": "Enabled", **rule}]}}
    return verdict("s3", "PutBucketLifecycleConfiguration", request)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 365 * 24 * 60 * 60), st.integers(-14, 14))
def test_dates_are_at_midnight(seconds: int, hours: int) -> None:
    """Midnight is in UTC, whether the date is a text or a datetime, in any time zone."""
    moment = (MIDNIGHT + timedelta(seconds=seconds)).astimezone(tz=_zone(hours))
    expected = "" if seconds % (24 * 60 * 60) == 0 else "InvalidArgument"

    for date in (moment, moment.isoformat()):
        assert code(Expiration={"Date": date}) == expected
        assert code(Transitions=[{"Date": date, "StorageClass": "GLACIER"}]) == expected


def _zone(hours: int) -> Any:
    return datetime.fromisoformat(f"2030-01-01T00:00:00{hours:+03}:00").tzinfo


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"Expiration": {"Date": UNKNOWN}}, ""),
        ({"Expiration": {"Date": MIDNIGHT}, "Transitions": [IA]}, "InvalidRequest"),
        ({"Expiration": {"Days": 365}, "Transitions": [IA, GLACIER]}, ""),
        ({"Transitions": [IA, {**IA, "Days": 60}]}, "InvalidRequest"),
        ({**ABORT, "Filter": {"Prefix": "a"}}, ""),
        (
            {**ABORT, "Filter": {"Tag": {"Key": "a"}}},
            "InvalidRequest",
        ),
        (
            {
                **ABORT,
                "Filter": {"And": {"Prefix": "a", "Tags": [{"Key": "a"}]}},
            },
            "InvalidRequest",
        ),
        ({"Expiration": {"Days": 1}, "Filter": {"Tag": {"Key": "a"}}}, ""),
        (
            {"Expiration": {"Days": 1}, "Filter": {"And": {"ObjectSizeGreaterThan": 9, "ObjectSizeLessThan": 9}}},
            "InvalidRequest",
        ),
        ({"Expiration": {"Days": 1}, "Filter": {"And": {"ObjectSizeGreaterThan": 9, "ObjectSizeLessThan": 10}}}, ""),
        ({"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 100}}, ""),
        ({"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 101}}, "InvalidArgument"),
    ],
    ids=str,
)
def test_validates_combinations_in_a_rule(rule: dict[str, Any], expected: str) -> None:
    assert code(**rule) == expected
