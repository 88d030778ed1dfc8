"""How far a run in a local cloud can be trusted, based on counters of the emulated account."""

from typing import Any

from rich.table import Table

from infra.engine.loopback import ask
from localcloud.cloud import Cloud

RECORDED = "recorded only"
# Instead of type and property: a request of the local cloud itself, such as its load balancer, and of no resource.
NONE = "-"


def read(cloud: Cloud) -> dict[str, Any]:
    """Return the counters. They include all requests since the account was started."""
    found: dict[str, Any] = ask(f"{cloud.aws_endpoint}/drydock/trust")
    return found


def summary(found: dict[str, Any]) -> str:
    """Return a summary: emulated resource types, and how request parameters and inputs were checked."""
    recorded, unchecked = found["recorded"], len(found["unchecked"])
    checked, ruled = found["checked"], found["ruled"]
    names = f" ({', '.join(recorded)})" if recorded else ""
    return (
        f"{found['emulated']} AWS resource types emulated, {len(recorded)} recorded only{names}; of "
        f"{checked + ruled + unchecked} request parameters {checked} checked by AWS's models, {ruled} by rules, "
        f"{unchecked} not; of {found['inputs']} input properties {found['described']} checked by CloudFormation's "
        f"schemas, {len(found['recorded_inputs'])} recorded only"
    )


def unchecked(found: dict[str, Any]) -> Table:
    """Return a table of what was not checked: type, property, and the parameter of the request that has its value.

    A property that is only recorded is in no request.
    """
    table = Table(box=None, pad_edge=False)
    for name in ("resource type", "property", "request parameter"):
        table.add_column(name, no_wrap=True)
    recorded = [[*each.split(" ", 1), RECORDED] for each in found["recorded_inputs"]]
    for row in sorted([*found["unchecked_properties"], *recorded]):
        table.add_row(*(cell or NONE for cell in row))
    return table
