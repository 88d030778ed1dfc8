"""What an operator changes before the deletion of a protected stack: docs/on-aws.md, `Take it down`.

A rehearsal does the same. A test compares the two.
"""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from infra.engine.stack_file_copy import Overrides

if TYPE_CHECKING:
    from infra.policy.exemptions import Exemption

# In the order of the stack file.
UNPROTECTED: Overrides = {
    ("drydock:protect",): False,
    ("drydock:cluster", "deletionProtection"): False,
    ("drydock:database", "deletionProtection"): False,
    ("drydock:edge", "deletionProtection"): False,
}
LEVELS_FILE = "policy-levels.json"


RULES = ("stateful-resource-protected", "aws-deletion-protected")
"""The rules that refuse these settings."""


def exemptions(stack: str, today: date) -> "list[Exemption]":
    """Return the exemptions without which the policy pack refuses these settings."""
    from infra.policy.exemptions import Exemption  # noqa: PLC0415

    last = today + timedelta(days=1)
    return [
        Exemption(stack=stack, rule=rule, owner="drydock rehearse", reason="the stack is deleted", expires=last)
        for rule in RULES
    ]


def write_levels(folder: Path, stack: str, today: date) -> Path:
    """Write the level of each rule in a stack with these exemptions, as configuration of the policy pack."""
    # The rules and the SDK of policies, for which no other command should wait.
    from infra.policy.exemptions import EXEMPTIONS  # noqa: PLC0415 - an error in it must not fail other commands
    from infra.policy.levels import policies_for  # noqa: PLC0415

    policies = policies_for(stack, today, (*EXEMPTIONS, *exemptions(stack, today)))
    levels = {each.name: each.enforcement_level.value for each in policies if each.enforcement_level}
    path = folder / LEVELS_FILE
    path.write_text(json.dumps(levels))
    return path
