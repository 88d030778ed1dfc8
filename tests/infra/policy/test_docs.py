"""docs/policy.md tells what the rules are."""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import infra.policy.rules as package
from infra.policy.levels import LEVELS
from infra.policy.rules.registered import RULES

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "policy.md").read_text()


def _rows(table: str) -> list[list[str]]:
    block = TEXT.partition(f"<!-- {table}:")[2].partition(f"<!-- /{table} -->")[0]
    lines = [line for line in block.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def _anchors() -> dict[str, str]:
    anchors = {}
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"infra.policy.rules.{found.name}")
        if hasattr(module, "RULE"):
            [text] = re.findall(r"^Anchors: (.+)\.$", inspect.getdoc(module) or "", re.MULTILINE)
            anchors[module.RULE.name] = "none" if text.startswith("none") else text
    return anchors


def test_lists_every_rule() -> None:
    """Name, severity, description and anchors, in the order of the pack."""
    anchors = _anchors()
    expected = [
        [f"`{rule.name}`", rule.severity.value, rule.description, anchors[rule.name]] for rule in RULES if rule.severity
    ]

    assert _rows("rules") == expected


def test_lists_every_level_that_is_not_mandatory() -> None:
    """With a reason."""
    expected = [
        [f"`{stack}`", f"`{rule}`", level.value] for stack, levels in LEVELS.items() for rule, level in levels.items()
    ]

    assert [row[:3] for row in _rows("levels")] == expected
    assert all(row[3] for row in _rows("levels"))
