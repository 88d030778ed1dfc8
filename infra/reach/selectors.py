"""Evaluates Kubernetes label selectors.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors: all requirements must be met,
and an empty selector selects everything.
"""

from collections.abc import Mapping
from typing import Any

from infra.reach.verdict import Verdict, along
from infra.resources.properties import UNKNOWN, items, mapping


def selects(selector: Any, labels: Any) -> Verdict:
    """Return whether a label selector matches these labels; the labels may be unknown."""
    if selector is UNKNOWN or UNKNOWN in mapping(selector).values():
        return Verdict.UNKNOWN
    if labels is UNKNOWN:
        empty = not any(mapping(selector).values())
        return Verdict.YES if empty else Verdict.UNKNOWN
    wanted = mapping(mapping(selector).get("matchLabels"))
    found = [_equals(labels.get(key), value) for key, value in wanted.items()]
    for each in items(mapping(selector).get("matchExpressions")):
        found.append(_meets(mapping(each), labels))
    return along(found)


def _equals(label: Any, value: Any) -> Verdict:
    if UNKNOWN in (label, value):
        return Verdict.UNKNOWN
    return Verdict.YES if label == value else Verdict.NO


def _meets(requirement: Mapping[str, Any], labels: Mapping[str, Any]) -> Verdict:
    operator, key = requirement.get("operator"), requirement.get("key")
    values = items(requirement.get("values"))
    label = labels.get(key) if isinstance(key, str) else UNKNOWN
    if operator in ("Exists", "DoesNotExist") and label is not UNKNOWN:
        return Verdict.YES if (label is not None) is (operator == "Exists") else Verdict.NO
    if operator not in ("In", "NotIn") or label is UNKNOWN or UNKNOWN in values:
        return Verdict.UNKNOWN
    return Verdict.YES if (label in values) is (operator == "In") else Verdict.NO
