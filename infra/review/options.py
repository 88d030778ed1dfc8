"""Differences of resource options, such as `protect`, between two versions of a program."""

from collections.abc import Mapping
from typing import Any

from pulumi.automation.events import StepEventMetadata, StepEventStateMetadata

from infra.review.differences import leaves
from infra.review.plan import PropertyChange
from infra.review.values import shown_pair

Options = Mapping[str, Mapping[str, Any]]
"""URN -> options of a resource, as the program registered them."""
DEFAULTS: Mapping[str, Any] = {"protect": False, "retainOnDelete": False}

LISTS = ("additionalSecretOutputs", "aliases", "dependsOn", "ignoreChanges", "replaceOnChanges")
"""Options that are lists, whose order does not count."""


def label(urn: str) -> str:
    """Return a resource as a reader knows it: its name and type."""
    if urn.count("::") < 3:
        return urn
    return f"{urn.rpartition('::')[2]} ({urn.split('::')[2].rpartition('$')[2]})"


def option_changes(
    step: StepEventMetadata, before: Options | None, after: Options | None
) -> tuple[PropertyChange, ...]:
    """Return the options that differ.

    Args:
        step: a step with a state before and after it.
        before: options that the program registered before; None if only the state is known.
        after: options that the program registers now; None if only the state is known.
    """
    if not (step.old and step.new):
        return ()
    old, new = _of_state(step.old), _of_state(step.new)
    if before is not None and after is not None:
        old |= before.get(step.old.urn, {})
        new |= after.get(step.urn, {})
    found = []
    for name in sorted({*old, *new}):
        values = old.get(name, DEFAULTS.get(name)), new.get(name, DEFAULTS.get(name))
        pairs = _lists(*values) if name in LISTS else [(leaf.old, leaf.new) for leaf in leaves(*values, name)]
        for pair in pairs:
            before_text, after_text = shown_pair(*pair)
            found.append(PropertyChange(path=name, old=before_text, new=after_text, replaces=False))
    return tuple(found)


def _lists(old: list[str] | None, new: list[str] | None) -> list[tuple[str | None, str | None]]:
    """Return what is removed from a list, and what is added to it, each as one text."""
    gone = ", ".join(each for each in old or () if each not in (new or ()))
    come = ", ".join(each for each in new or () if each not in (old or ()))
    return [pair for pair in ((gone or None, None), (None, come or None)) if any(pair)]


def _of_state(state: StepEventStateMetadata) -> dict[str, Any]:
    return {
        "parent": label(state.parent) if state.parent else None,
        "protect": bool(state.protect),
        "retainOnDelete": bool(state.retain_on_delete),
    }
