"""Rules of RDS about parameter groups and subnet groups: kinds that the corpus does not show, and unknown values."""

from typing import Any

import pytest

from localcloud.providers.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

VALUE, COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"
FAMILIES = [
    ("postgres18", ""),
    ("postgres11", ""),
    ("postgres9.6", VALUE),  # no version of it can be created any more
    ("postgres19", VALUE),
    ("postgres", VALUE),
    ("postgresql17", VALUE),
    ("pg17", VALUE),
    ("mysql8.4", ""),
    ("mysql8", VALUE),
    ("aurora-postgresql17", ""),
    ("oracle-ee-19", ""),
    (UNKNOWN, ""),
]


@pytest.mark.parametrize(("family", "code"), FAMILIES)
def test_a_family(family: str, code: str) -> None:
    """An engine and its major version."""
    assert verdict("rds", "CreateDBParameterGroup", {"DBParameterGroupFamily": family}) == code


# Family, parameter, how it is applied, and the code.
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
    ("postgres14", "stats_temp_directory", "immediate", ""),  # of a version that the table does not have
    ("mysql8.4", "innodb_buffer_pool_size", "immediate", ""),
    ("postgres18", UNKNOWN, "immediate", ""),
]


@pytest.mark.parametrize(("family", "name", "method", "code"), PARAMETERS)
def test_a_parameter(family: str, name: str, method: str, code: str) -> None:
    """Of the family's version."""
    request = {"DBParameterGroupName": "group", "Parameters": [{"ParameterName": name, "ApplyMethod": method}]}
    group = {"DBParameterGroups": [{"DBParameterGroupFamily": family}]}

    assert verdict("rds", "ModifyDBParameterGroup", request, lambda *_, **__: group) == code


def test_a_preview_knows_what_is_static_in_every_version() -> None:
    """It does not know the group."""

    def of(name: str) -> dict[str, Any]:
        return {"Parameters": [{"ParameterName": name, "ApplyMethod": "immediate"}]}

    assert verdict("rds", "ModifyDBParameterGroup", of("shared_buffers")) == COMBINATION
    assert verdict("rds", "ModifyDBParameterGroup", of("autovacuum_max_workers")) == ""
    assert verdict("rds", "ModifyDBParameterGroup", of("no_such_parameter")) == ""
