"""Rules of RDS for parameters of PostgreSQL: names, apply methods, and values by type."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.aws.specifications import tables
from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

VALUE, COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"


def code(family: str, name: str, method: str = "pending-reboot", value: str | None = None) -> str:
    """Return the code for a group of this family with one parameter."""
    given_value = {} if value is None else {"ParameterValue": value}
    parameter = {"ParameterName": name, "ApplyMethod": method, **given_value}
    request = {"DBParameterGroupName": "group", "Parameters": [parameter]}
    group = {"DBParameterGroups": [{"DBParameterGroupFamily": family}]}
    return verdict("rds", "ModifyDBParameterGroup", request, lambda *_, **__: group)


# Family, parameter, apply method, code.
PARAMETERS = [
    ("postgres17", "max_connections", "pending-reboot", ""),
    ("postgres17", "max_connections", "immediate", COMBINATION),
    ("postgres17", "Max_Connections", "immediate", COMBINATION),
    ("postgres17", "max_conections", "pending-reboot", VALUE),
    ("postgres17", "work_mem", "immediate", ""),
    ("postgres17", "TimeZone", "immediate", ""),
    ("postgres17", "timezone", "immediate", ""),
    ("postgres17", "io_method", "pending-reboot", VALUE),
    ("postgres18", "io_method", "pending-reboot", ""),
    ("postgres18", "io_method", "immediate", COMBINATION),
    ("postgres17", "autovacuum_max_workers", "immediate", COMBINATION),
    ("postgres18", "autovacuum_max_workers", "immediate", ""),
    ("postgres18", "rds.force_ssl", "immediate", ""),
    ("postgres18", "rds.logical_replication", "immediate", COMBINATION),
    ("postgres18", "pgaudit.log", "pending-reboot", ""),
    ("postgres14", "stats_temp_directory", "immediate", ""),  # a version that the table does not have
    ("mysql8.4", "innodb_buffer_pool_size", "immediate", ""),
    ("postgres18", UNKNOWN, "immediate", ""),
]


@pytest.mark.parametrize(("family", "name", "method", "expected"), PARAMETERS)
def test_validates_name_and_apply_method_of_a_parameter(family: str, name: str, method: str, expected: str) -> None:
    """The parameters are those of the family's version."""
    assert code(family, name, method) == expected


def test_a_preview_checks_parameters_that_are_static_in_every_version() -> None:
    """The group and its family are unknown."""

    def of(name: str, **value: str) -> dict[str, Any]:
        return {"Parameters": [{"ParameterName": name, "ApplyMethod": "immediate", **value}]}

    assert verdict("rds", "ModifyDBParameterGroup", of("shared_buffers")) == COMBINATION
    assert verdict("rds", "ModifyDBParameterGroup", of("autovacuum_max_workers")) == ""
    assert verdict("rds", "ModifyDBParameterGroup", of("no_such_parameter")) == ""
    assert verdict("rds", "ModifyDBParameterGroup", of("log_statement", ParameterValue="everything")) == VALUE
    assert verdict("rds", "ModifyDBParameterGroup", of("log_connections", ParameterValue="1")) == ""


# Family, parameter, value, code.
VALUES = [
    ("postgres17", "max_connections", "5", VALUE),
    ("postgres17", "max_connections", "6", ""),
    ("postgres17", "max_connections", "LEAST({DBInstanceClassMemory/9531392},5000)", ""),
    ("postgres17", "work_mem", "63", VALUE),
    ("postgres17", "work_mem", "64", ""),
    ("postgres17", "work_mem", "64MB", VALUE),
    ("postgres17", "WORK_MEM", "1.5", VALUE),
    ("postgres17", "statement_timeout", "-1", VALUE),
    ("postgres17", "log_min_duration_statement", "-1", ""),
    ("postgres17", "autovacuum_vacuum_scale_factor", "0.05", ""),
    ("postgres17", "autovacuum_vacuum_scale_factor", "101", VALUE),
    ("postgres17", "log_statement", "everything", VALUE),
    ("postgres17", "log_statement", "ddl", ""),
    ("postgres17", "log_statement", "DDL", ""),
    ("postgres17", "synchronous_commit", "1", ""),
    ("postgres17", "log_connections", "1", ""),
    ("postgres17", "log_connections", "all", VALUE),
    ("postgres18", "log_connections", "1", VALUE),
    ("postgres18", "log_connections", "receipt, authentication", ""),
    ("postgres17", "autovacuum", "sometimes", VALUE),
    ("postgres17", "rds.force_ssl", "2", VALUE),
    ("postgres17", "rds.force_ssl", "0", ""),
    ("postgres17", "rds.log_retention_period", "1439", VALUE),
    ("postgres17", "rds.log_retention_period", "10080", ""),
    ("postgres17", "pg_stat_statements.track", "ALL", ""),
    ("postgres17", "pg_stat_statements.track", "some", VALUE),
    ("postgres17", "server_version", "17", VALUE),
    ("postgres17", "block_size", "8192", VALUE),
    ("postgres17", "archive_command", "true", VALUE),
    ("postgres17", "search_path", "anything", ""),
    ("postgres14", "stats_temp_directory", "none", ""),
    ("mysql8.4", "innodb_buffer_pool_size", "none", ""),
    ("postgres17", "work_mem", UNKNOWN, ""),
]


@pytest.mark.parametrize(("family", "name", "value", "expected"), VALUES)
def test_validates_the_value_of_a_parameter(family: str, name: str, value: str, expected: str) -> None:
    """It has the parameter's type and range in the family's version."""
    assert code(family, name, value=value) == expected


NUMBERS = sorted(
    (name, entry)
    for name, entries in tables.postgres_parameters().items()
    for entry in entries
    if entry.type == "integer" and entry.kind != "internal" and name != "max_connections"
)


@settings(deadline=None, max_examples=80)
@given(st.sampled_from(NUMBERS), st.data())
def test_validates_the_range_of_a_number(parameter: tuple[str, tables.Parameter], data: st.DataObject) -> None:
    """Numbers between both limits are accepted, and no others."""
    name, entry = parameter
    low, high = map(int, entry.limits.split(".."))
    family = f"postgres{entry.until}"

    for inside in (low, high, data.draw(st.integers(low, high))):
        assert code(family, name, value=str(inside)) == ""
    for outside in (low - 1, high + 1, data.draw(st.integers(high + 1, 10**18))):
        assert code(family, name, value=str(outside)) == VALUE


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_any_text_is_accepted_or_refused_without_an_error(text: str) -> None:
    """Each type of parameter is tested."""
    for name in ("work_mem", "autovacuum_vacuum_scale_factor", "log_statement", "autovacuum", "log_connections"):
        assert code("postgres18", name, value=text) in ("", VALUE)
