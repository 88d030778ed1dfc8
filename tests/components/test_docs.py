"""docs/components.md says what there is."""

import dataclasses
import importlib
import re
from pathlib import Path

from tests.components.test_contract import ARGS

TABLE = Path(__file__).parent.parent.parent / "docs" / "components.md"
ROW = re.compile(r"^\| `(\w+)` \| `components/(\w+)\.py` \| (.+?) \| (.+?) \| (yes|no) \|$", re.MULTILINE)


def test_table_has_every_component_and_what_it_requires() -> None:
    """One row a component, in the order of their names, with its module, required args and whether it protects."""
    expected = []
    for component in sorted(ARGS, key=lambda component: component.__name__):
        fields = dataclasses.fields(importlib.import_module(component.__module__).__dict__[f"{component.__name__}Args"])
        needed = [each for each in fields if dataclasses.MISSING is each.default is each.default_factory]
        required = [f"`{field.name}`" for field in needed]
        expected.append(
            (
                component.__name__,
                component.__module__.rpartition(".")[2],
                ", ".join(required) or "none",
                "yes" if "protect" in {field.name for field in fields} else "no",
            )
        )

    rows = [(name, module, required, state) for name, module, _, required, state in ROW.findall(TABLE.read_text())]
    assert rows == expected
