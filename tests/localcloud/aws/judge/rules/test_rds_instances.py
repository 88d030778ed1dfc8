"""Rules of RDS for instances: cases that the corpus does not cover, limits, and unknown values."""

import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

BASE = {"Engine": "postgres", "EngineVersion": "17.6", "DBInstanceClass": "db.t4g.medium"}
VALUE, COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"
CREATIONS: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"EngineVersion": "17"}, ""),  # the newest minor version
    ({"EngineVersion": "18.1"}, ""),
    ({"EngineVersion": "17.2"}, COMBINATION),  # was offered once
    ({"EngineVersion": "18.99"}, COMBINATION),
    ({"EngineVersion": UNKNOWN}, ""),
    ({"EngineVersion": f"17.{UNKNOWN}"}, ""),
    ({"Engine": "mysql", "EngineVersion": "8.4.9"}, ""),
    ({"Engine": "mysql", "EngineVersion": "17.6"}, COMBINATION),
    (
        {
            "Engine": "oracle-se2",
            "EngineVersion": "19.0.0.0.ru-2026-01.rur-2026-01.r1",
            "DBInstanceClass": "db.m5.large",
        },
        "",
    ),
    ({"Engine": "postgresql"}, VALUE),
    ({"DBInstanceClass": "db.m7g.large"}, ""),
    ({"DBInstanceClass": "m7g.large"}, VALUE),
    ({"DBInstanceClass": "db.m7g.larg"}, VALUE),
    ({"DBInstanceClass": "db.t2.micro"}, COMBINATION),
    ({"DBInstanceClass": UNKNOWN}, ""),
    ({"MasterUsername": "a" * 63}, ""),
    ({"MasterUsername": "a" * 64}, VALUE),
    ({"Engine": "mysql", "EngineVersion": "8.4.9", "MasterUsername": "admin"}, ""),
    ({"MasterUsername": "Admin"}, VALUE),
    ({"MasterUsername": "user"}, VALUE),
    ({"MasterUsername": "pg_app"}, VALUE),
    ({"MasterUsername": "postgres"}, ""),
    ({"Engine": "mysql", "EngineVersion": "8.4.9", "MasterUsername": "rdsadmin"}, VALUE),
    ({"MasterUserPassword": "p" * 128}, ""),
    ({"MasterUserPassword": "p" * 129}, VALUE),
    ({"Engine": "mysql", "EngineVersion": "8.4.9", "MasterUserPassword": "p" * 42}, VALUE),
    ({"MasterUserPassword": UNKNOWN}, ""),
    ({"DBName": "a" * 63}, ""),
    ({"DBName": "a" * 64}, VALUE),
    ({"DBName": "1app"}, VALUE),
    ({"DBName": "order"}, VALUE),
    ({"DBName": "db"}, VALUE),
    ({"Port": 1150}, ""),
    ({"Port": 1149}, VALUE),
    ({"Port": 65535}, ""),
    ({"Port": 65536}, VALUE),
    ({"Port": UNKNOWN}, ""),
]


@pytest.mark.parametrize(("change", "code"), CREATIONS, ids=str)
def test_validates_the_parameters_of_an_instance(change: dict[str, Any], code: str) -> None:
    """Values are at the limit, and one beyond it."""
    assert verdict("rds", "CreateDBInstance", {**BASE, **change}) == code


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(codec="utf-8"), min_size=8, max_size=128))
def test_validates_the_characters_of_a_password(password: str) -> None:
    """They are printable ASCII without four characters."""
    taken = set(string.printable) - set(string.whitespace) - set('/@"')
    code = verdict("rds", "CreateDBInstance", {**BASE, "MasterUserPassword": password})

    assert code == ("" if set(password) <= taken or UNKNOWN in password else VALUE)


def account(**instance: Any) -> Any:
    """Return an account with an instance, and parameter groups for PostgreSQL 16 to 18."""
    found = {"Engine": "postgres", "EngineVersion": "17.6", "DBInstanceClass": "db.t4g.medium", **instance}

    def ask(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if operation == "DescribeDBParameterGroups":
            family = parameters["DBParameterGroupName"].removeprefix("group-")
            return {"DBParameterGroups": [{"DBParameterGroupFamily": family}]}
        return {"DBInstances": [found]}

    return ask


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"EngineVersion": "17.10"}, ""),
    ({"EngineVersion": "17.5"}, COMBINATION),
    ({"EngineVersion": "18.1"}, COMBINATION),
    ({"EngineVersion": "18.1", "AllowMajorVersionUpgrade": True}, ""),
    ({"EngineVersion": "16.13", "AllowMajorVersionUpgrade": True}, COMBINATION),
    ({"EngineVersion": "17.99"}, COMBINATION),
    ({"EngineVersion": "17"}, ""),
    ({"DBInstanceClass": "db.m7g.large"}, ""),
    ({"DBInstanceClass": "db.t2.micro"}, COMBINATION),
    ({"DBParameterGroupName": "group-postgres17"}, ""),
    ({"DBParameterGroupName": "group-postgres18"}, COMBINATION),
    ({"DBParameterGroupName": "default.postgres17"}, ""),
    ({"EngineVersion": "18.1", "AllowMajorVersionUpgrade": True, "DBParameterGroupName": "group-postgres18"}, ""),
    ({"DBPortNumber": 80}, VALUE),
    ({"MasterUserPassword": "short"}, VALUE),
]


@pytest.mark.parametrize(("change", "code"), CHANGES, ids=str)
def test_validates_a_change_of_an_instance(change: dict[str, Any], code: str) -> None:
    """The result depends on the current instance and the change."""
    assert verdict("rds", "ModifyDBInstance", {"DBInstanceIdentifier": "db", **change}, account()) == code


def test_an_upgrade_needs_another_parameter_group() -> None:
    """The group of the old version is not valid for the new one."""
    upgrade = {"DBInstanceIdentifier": "db", "EngineVersion": "18.1", "AllowMajorVersionUpgrade": True}
    group = account(DBParameterGroups=[{"DBParameterGroupName": "group-postgres17"}])

    assert verdict("rds", "ModifyDBInstance", upgrade, group) == COMBINATION
