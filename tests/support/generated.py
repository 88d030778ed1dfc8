"""Files generated from the code: tables of the docs, the architecture, the JSON Schema, lists of names and URNs.

`make docs` writes them. `tests/test_generated.py` reports stale files.
"""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from infra.picture.architecture import architecture
from stacks.settings import json_schema, stack_names
from tests.infra.policy.scanners.decided import decided_table
from tests.support import compliance, costs, sdk_names, shown_output, tables
from tests.support.builders import ROOT
from tests.support.planned import planned_stack
from tests.support.service_variables import service_variables
from tests.support.stacks import whole_stack

DRAWN = "prod"
"""The stack that the architecture shows."""
TABLES: Mapping[tuple[str, str], Callable[[], str]] = {
    ("README.md", "total costs"): costs.totals_table,
    ("docs/settings.md", "settings"): tables.settings_table,
    ("docs/components.md", "components"): tables.components_table,
    ("docs/cost.md", "components"): costs.components_table,
    ("docs/cost.md", "savings"): costs.savings_table,
    ("docs/cost.md", "by use"): costs.by_use_table,
    ("docs/cost.md", "not priced"): costs.not_priced_list,
    ("docs/policy.md", "rules"): tables.rules_table,
    ("docs/policy.md", "decided"): decided_table,
    ("docs/local-cloud-aws.md", "resource types"): tables.resource_types_table,
    ("docs/local-cloud.md", "output: make up"): shown_output.up_local,
    ("docs/on-aws.md", "output: drydock up dev"): shown_output.up_dev,
}
"""(page, name of the markers) -> function that returns the table between them."""


def generated() -> dict[str, Callable[[], str]]:
    """Return path of each generated file -> function that returns its text."""
    pages = dict.fromkeys(page for page, _ in TABLES)
    return {
        **{page: lambda page=page: _page(page) for page in pages},
        "docs/compliance.md": compliance.page,
        "docs/architecture.svg": lambda: architecture(planned_stack(DRAWN), DRAWN),
        "components/_sdk_names.py": lambda: sdk_names.module(ROOT),
        "stacks/settings/service_variables.json": service_variables,
        "schema.json": lambda: json.dumps(json_schema(), indent=2) + "\n",
        **{f"tests/stacks/urns/{stack}.txt": lambda stack=stack: _urns(stack) for stack in stack_names(ROOT)},
    }


def _page(page: str) -> str:
    text = (ROOT / page).read_text()
    for (name, table), make in TABLES.items():
        if name == page:
            text = tables.written(text, table, make())
    return text


def _urns(stack: str) -> str:
    return "\n".join(sorted(whole_stack(stack).resources)) + "\n"


def stale(path: Path, text: str) -> bool:
    """Return whether a file is missing or differs from the generated text."""
    return not path.exists() or path.read_text() != text


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # advice for a deployment of the stacks, which the output does not name
    for name, make in generated().items():
        if stale(ROOT / name, text := make()):
            (ROOT / name).write_text(text)
            print(f"{name}: written", file=sys.stderr)
