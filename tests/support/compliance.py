"""The page docs/compliance.md: which rules cover the items of benchmarks, and which items none covers."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from infra.policy.rules.registered import RULES
from tests.support.builders import ROOT
from tests.support.tables import rule_anchors

FILE = ROOT / "infra" / "policy" / "benchmarks.toml"
HEAD = """# Compliance

This page lists the items of three benchmarks, with the [policy rules](policy.md#rules) that cover them. `make docs`
writes it from the anchors of the rules and from [benchmarks.toml](../infra/policy/benchmarks.toml). A rule covers what
the program and its settings determine. It does not check accounts and clusters that were changed by other means.
"""


def page() -> str:
    """Return the page."""
    return "\n".join([HEAD, *(line for each in benchmarks() for line in _section(each))]) + "\n"


def benchmarks() -> list[dict[str, Any]]:
    """Return the benchmarks with their items."""
    found: list[dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))["benchmark"]
    return found


def covering(anchor: str, item: dict[str, Any]) -> list[str]:
    """Return the names of the rules that cover an item."""
    if "rules" in item:
        return list(item["rules"])
    return [rule.name for rule in RULES if item["id"] in numbers(anchor, rule_anchors()[rule.name])]


def numbers(benchmark: str, anchors: str) -> list[str]:
    """Return the items that anchors name, such as `CIS-EKS 4.2.1, 4.2.2`."""
    found = re.findall(rf"{benchmark} ((?:\d[\d.]*(?:, )?)+)", anchors) if benchmark else []
    return [number for text in found for number in text.strip(", ").split(", ")]


def _section(benchmark: dict[str, Any]) -> Iterator[str]:
    items = benchmark["items"]
    counts = {kind: sum(kind in item for item in items) for kind in ("open", "none")}
    covered = len(items) - sum(counts.values())
    yield f"## {benchmark['name']}\n"
    yield f"{covered} rows covered, {counts['open']} not covered, {counts['none']} not applicable.\n"
    yield "| Item | Subject | Covered by |"
    yield "|---|---|---|"
    for item in items:
        rules = ", ".join(f"`{name}`" for name in covering(benchmark["anchor"], item))
        reason = f"not covered: {item['open']}" if "open" in item else f"not applicable: {item.get('none', '')}"
        yield f"| {item['id']} | {item['what']} | {rules or reason} |"
    yield ""
