"""Writes the page: the template with its style, its script and the plans as data."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from infra.costs.change import cost_line
from infra.review.markdown import verdict
from infra.review.page.layout import Box, boxes
from infra.review.plan import Plan

FOLDER = Path(__file__).parent


def to_html(plans: Mapping[str, Plan]) -> str:
    """Return one HTML document that needs no other file: the graph of each stack with what changes in it."""
    # `</script>` or `<!--` in a value would end the data.
    data = json.dumps([_stack(name, plan) for name, plan in plans.items()], separators=(",", ":")).replace(
        "<", "\\u003c"
    )
    text = (FOLDER / "page.html").read_text()
    text = text.replace("/* style */", (FOLDER / "page.css").read_text())
    text = text.replace("/* script */", (FOLDER / "page.js").read_text())
    return text.replace("[] /* data */", data)  # last, because it has texts of users


def _stack(name: str, plan: Plan) -> dict[str, Any]:
    return {
        "name": name,
        "verdict": verdict(plan),
        "base": plan.base,
        "compared": plan.compared,
        "notes": plan.notes,
        "cost": cost_line(plan.cost) if plan.cost else "",
        "errors": plan.errors,
        "counts": plan.counts,
        "unchanged": plan.unchanged,
        "findings": [asdict(finding) for finding in plan.findings],
        "changes": [change.urn for change in plan.changes],
        "boxes": [_box(box, plan) for box in boxes(plan)],
    }


def _box(box: Box, plan: Plan) -> dict[str, Any]:
    changes = {change.urn: change for change in plan.changes}
    return {
        "name": box.name,
        "column": box.column,
        "needs": box.needs,
        "nodes": [
            {
                **asdict(node),
                "change": asdict(changes[node.urn]) if node.urn in changes else None,
            }
            for node in box.nodes
        ],
    }
