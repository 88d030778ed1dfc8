"""Warnings about versions whose support ends, from 90 days before the end."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.specifications.tables import engine_versions
from stacks.end_of_life import ending
from stacks.settings import Settings, parse_settings
from stacks.settings.database import DatabaseSettings

# From AWS's calendars.
STANDARD = {
    "1.33": date(2026, 7, 29),
    "1.34": date(2026, 12, 2),
    "1.35": date(2027, 3, 27),
    "1.36": date(2027, 8, 2),
}
POSTGRESQL = {
    "14.20": date(2027, 2, 28),
    "15.17": date(2028, 2, 29),
    "16.13": date(2029, 2, 28),
    "17.6": date(2030, 2, 28),
    "18.1": date(2031, 2, 28),
}
AUTHORITY = date(2061, 5, 18)


def settings(version: str = "1.36", engine: str = "18.1", **cluster: Any) -> Settings:
    values = {"cluster": {"version": version, **cluster}, "database": {"engineVersion": engine}}
    return parse_settings({"region": "eu-central-1", **values}, "test")


@given(
    st.sampled_from(sorted(STANDARD)),
    st.sampled_from(sorted(POSTGRESQL)),
    st.booleans(),
    st.dates(date(2026, 1, 1), date(2065, 1, 1)),
)
def test_warns_from_90_days_before_the_end_of_support(version: str, engine: str, extended: bool, today: date) -> None:
    """There is one line for each version, in this order, and none before that day."""
    support = "extended" if extended else "standard"
    found = list(ending(settings(version, engine, support=support), today))

    kubernetes = STANDARD[version].replace(year=STANDARD[version].year + 1) if extended else STANDARD[version]
    ends = {f"Kubernetes {version}": kubernetes, f"PostgreSQL {engine[:2]}": POSTGRESQL[engine]}
    ends["rds-ca-rsa2048-g1"] = AUTHORITY
    near = [name for name, end in ends.items() if today >= end - timedelta(days=90)]
    assert [line.partition(":")[0] for line in found] == near
    for name, line in zip(near, found, strict=True):
        assert ("ended on" in line) == (today > ends[name])
        assert str(ends[name]) in line


@pytest.mark.parametrize(
    ("version", "today", "says"),
    [
        ("1.34", date(2026, 11, 28), "set cluster.version to 1.35 before, or cluster.support to extended"),
        ("1.34", date(2026, 12, 2), "ends on 2026-12-02, in 0 days, then EKS upgrades the cluster automatically"),
        ("1.34", date(2026, 12, 3), "which EKS refuses"),
        ("1.36", date(2027, 8, 1), "upgrade before, or cluster.support to extended"),
    ],
)
def test_the_warning_has_a_remedy(version: str, today: date, says: str) -> None:
    """Before the end it is the next minor. Afterwards EKS has upgraded, and the old version would be a downgrade."""
    (line, *_) = ending(settings(version), today)

    assert says in line


def test_the_shipped_versions_are_supported_for_a_quarter() -> None:
    assert list(ending(settings("1.35", "18.1"), date(2026, 11, 28))) == []


def test_default_database_version_is_the_newest_minor_that_rds_offers() -> None:
    """RDS retires minor versions at short notice, and a new stack should start with all fixes.

    If this fails after an update of cfn-lint, raise the default.
    """
    default = DatabaseSettings().engine_version
    major = default.partition(".")[0]
    minors = [int(version.partition(".")[2]) for version in engine_versions("postgres") if version[:3] == f"{major}."]

    assert default == f"{major}.{max(minors)}"
