"""Warnings about changes of the database that RDS applies later.

Real: the engine with its state, and the whole program. Emulated: the account, by moto, which applies all changes
immediately; waiting changes are tested with states that are written by hand.
"""

from pathlib import Path
from typing import Any

import pytest

from localcloud.aws.server import AwsServer
from stacks.deferred import deferred
from stacks.deployed import Deployed
from stacks.settings.database import DatabaseSettings
from tests.support.whole_on_engine import SMALL, WholeStack

WINDOW = (
    "in the maintenance window (sun:03:30-sun:04:30 UTC), and `up` ends before; to apply it at once, which may "
    "interrupt connections, set database.applyImmediately: true"
)
STATE: dict[str, Any] = {
    "identifier": "drydock-prod",
    "instanceClass": "db.m7g.large",
    "multiAz": True,
    "engineVersion": "18.6",
    "engineVersionActual": "18.6",
    "allocatedStorage": 100.0,
}


def warned(stack: WholeStack) -> list[str]:
    return [said for said in stack.said if "maintenance window" in said]


def test_warns_about_a_deferred_change(tmp_path: Path, server: AwsServer) -> None:
    """In the preview and the update, but not for a new database or an applied change."""
    stack = WholeStack(tmp_path / "stack", server)
    try:
        stack.up()
        assert warned(stack) == []

        database = {**SMALL["database"], "instanceClass": "db.m7g.xlarge", "multiAz": False, "backupRetentionDays": 20}
        stack.configure({**SMALL, "database": {**database, "applyImmediately": True}})
        stack.preview()
        assert warned(stack) == []

        stack.configure({**SMALL, "database": database})
        expected = (
            "warning: database: RDS changes instanceClass from db.m7g.large to db.m7g.xlarge, multiAz from "
            f"true to false {WINDOW}"
        )
        stack.preview()
        assert warned(stack) == [expected]
        stack.up()
        assert warned(stack) == [expected]
    finally:
        stack.close()


@pytest.mark.parametrize(
    ("settings", "changes"),
    [
        ({}, None),
        ({"instanceClass": "db.m7g.xlarge"}, "instanceClass from db.m7g.large to db.m7g.xlarge"),
        ({"multiAz": False}, "multiAz from true to false"),
        ({"engineVersion": "18.7"}, "engineVersion from 18.6 to 18.7"),
        ({"allocatedStorageGib": 200}, "allocatedStorageGib from 100 to 200"),
        ({"allocatedStorageGib": 50}, None),  # RDS has enlarged it
        ({"instanceClass": "db.m7g.xlarge", "applyImmediately": True}, None),
        # Changes that RDS applies immediately, or with a restart.
        (
            {"backupRetentionDays": 30, "maxConnections": 500, "maxAllocatedStorageGib": 900, "logRetentionDays": 7},
            None,
        ),
        ({"performanceInsights": False, "deletionProtection": False}, None),
    ],
)
def test_lists_each_deferred_setting(settings: dict[str, Any], changes: str | None) -> None:
    """With the old and the new value, the maintenance window, and how to apply it immediately."""
    found = list(deferred(DatabaseSettings.model_validate(settings), "drydock-prod", state(STATE)))

    assert found == ([f"RDS changes {changes} {WINDOW}"] if changes else [])


def test_warns_until_an_upgrade_is_done() -> None:
    """Until then, the state has the new version as engineVersion, and the old one as engineVersionActual."""
    wanted = DatabaseSettings.model_validate({"engineVersion": "18.7"})
    waiting = {**STATE, "engineVersion": "18.7"}

    assert list(deferred(wanted, "drydock-prod", state(waiting))) == [
        f"RDS changes engineVersion from 18.6 to 18.7 {WINDOW}"
    ]
    assert list(deferred(wanted, "drydock-prod", state({**waiting, "engineVersionActual": "18.7"}))) == []


def test_does_not_warn_without_the_database_in_the_state() -> None:
    """Before the first deployment, and for another instance."""
    wanted = DatabaseSettings.model_validate({"instanceClass": "db.m7g.xlarge"})

    assert list(deferred(wanted, "drydock-prod", Deployed())) == []
    assert list(deferred(wanted, "drydock-prod", state({**STATE, "identifier": "drydock-dev"}))) == []


def state(instance: dict[str, Any]) -> Deployed:
    return Deployed(resources={"aws:rds/instance:Instance": (instance,)})
