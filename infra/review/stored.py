"""Reads a plan back from its JSON."""

from collections.abc import Mapping
from typing import Any

from infra.costs.change import CostChange, CostRange
from infra.review.hazard import Hazard, HazardKind
from infra.review.plan import Change, Finding, Node, Plan, PropertyChange, Risk


def from_json(document: Mapping[str, Any]) -> Plan:
    """Return the plan that `to_json` wrote."""
    return Plan(
        changes=tuple(map(_change, document["changes"])),
        unchanged=document["unchanged"],
        findings=tuple(Finding(**each) for each in document["policy"]),
        judged=document["judged"],
        errors=tuple(document["errors"]),
        compared=document["compared"],
        base=document["base"],
        notes=tuple(document["notes"]),
        hazards=tuple(Hazard(**{**each, "kind": HazardKind(each["kind"])}) for each in document["hazards"]),
        cost=_cost(document["cost"]) if document["cost"] else None,
        nodes=tuple(
            Node(**{**each, "dependencies": tuple(each["dependencies"])}) for each in document.get("nodes", ())
        ),
    )


def _cost(document: Mapping[str, Any]) -> CostChange:
    return CostChange(
        before=CostRange(**document["before"]),
        after=CostRange(**document["after"]),
        components={
            name: (CostRange(**before), CostRange(**after)) for name, (before, after) in document["components"].items()
        },
        **{name: tuple(document[name]) for name in ("not_priced", "not_priced_before", "not_priced_after")},
    )


def _change(document: Mapping[str, Any]) -> Change:
    return Change(
        **{
            **document,
            "risk": Risk(document["risk"]),
            "reasons": tuple(document["reasons"]),
            "properties": tuple(PropertyChange(**each) for each in document["properties"]),
            "options": tuple(PropertyChange(**each) for each in document["options"]),
        }
    )
