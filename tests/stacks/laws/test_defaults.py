"""The default of a component's argument is the default of the setting with the same name."""

import dataclasses
from typing import Any

import pytest
from pydantic import BaseModel

from components.cluster import ClusterArgs
from components.database import DatabaseArgs
from components.job_queue import JobQueueArgs
from components.network import NetworkArgs
from components.node_pools import NodePoolsArgs
from components.registry import RegistryArgs
from components.workload import WorkloadArgs
from stacks.settings import Settings

OWNERS = {
    NetworkArgs: "network",
    ClusterArgs: "cluster",
    NodePoolsArgs: "cluster",
    DatabaseArgs: "database",
    WorkloadArgs: "service",
    JobQueueArgs: None,
    RegistryArgs: None,
}
"""Args -> the group of settings that configures the component."""
DIFFERENT = {
    # The service needs the endpoint of its queue; a network by itself needs none, and each has a price.
    (NetworkArgs, "interface_endpoints"): (),
    # The setting depends on the Kubernetes version.
    (ClusterArgs, "metrics_server_version"): "v0.8.1-eksbuild.6",
}
OWN_DEFAULTS = {
    JobQueueArgs: {
        "max_receive_count": 5,
        "visibility_timeout_seconds": 60,
        "retention_days": 4,
        "dead_letter_retention_days": 14,
    },
    RegistryArgs: {"untagged_days": 14, "kept_builds": 100},
    ClusterArgs: {"deploy_role_arn": None, "extended_support": False, "existing_log_groups": ()},
    NodePoolsArgs: {"interruptible": False, "volume_gib": 80},
    DatabaseArgs: {"database_name": "app", "username": "app", "existing_log_groups": ()},
    WorkloadArgs: {
        "credentials": True,
        "database_authorities": None,
        "dependency_ports": (),
        "interruptible_workers": False,
        "pods_wait_for": (),
        "migration": None,
        "migration_service_account": None,
        "port": 8080,
        "worker": None,
    },
}
"""Arguments without a setting -> their defaults."""


def _settings_defaults(group: str | None) -> dict[str, Any]:
    """Return the defaults of a group of settings, and of top-level settings such as `protect`."""
    model = Settings.model_fields[group].annotation if group else None
    assert model is None or (isinstance(model, type) and issubclass(model, BaseModel))
    fields = {**Settings.model_fields, **(model.model_fields if model else {})}
    return {name: field.default for name, field in fields.items() if not field.is_required()}


@pytest.mark.parametrize("args", OWNERS, ids=lambda args: args.__name__)
def test_argument_has_the_default_of_its_setting(args: type) -> None:
    """A component used by itself has the same defaults as in the program; new arguments are compared too."""
    defaults = {
        field.name: field.default
        for field in dataclasses.fields(args)
        if field.default is not dataclasses.MISSING and (args, field.name) not in DIFFERENT
    }
    settings = _settings_defaults(OWNERS[args])

    own = {name: value for name, value in defaults.items() if name not in settings}
    assert own == OWN_DEFAULTS.get(args, {})
    shared = {name: value for name, value in defaults.items() if name in settings}
    assert shared == {name: settings[name] for name in shared}


@pytest.mark.parametrize(("argument", "value"), DIFFERENT.items(), ids=str)
def test_exceptions_have_the_listed_default(argument: tuple[type, str], value: object) -> None:
    """An argument whose default differs from its setting has the default in the list."""
    args, name = argument

    (field,) = [field for field in dataclasses.fields(args) if field.name == name]
    assert field.default == value
    assert value != _settings_defaults(OWNERS[args])[name]
