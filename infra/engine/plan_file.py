"""Read the resources of a planned stack from the events of a preview and the saved plan of the engine.

Events have the inputs; only a saved plan has the dependencies of each input
(https://www.pulumi.com/docs/iac/concepts/update-plans/).
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pulumi.automation.events import EngineEvent

from infra.resources.properties import mapping
from infra.resources.resource import Resource
from infra.review.hazards.resources import Dependencies
from infra.review.values import clean_inputs


def planned_resources(events: Iterable[EngineEvent], dependencies: Dependencies) -> list[Resource]:
    """Return the resources after an `up`, with UNKNOWN for values that are unknown in a preview.

    Args:
        events: All events of the preview.
        dependencies: Those of the saved plan.
    """
    found = {}
    for event in events:
        step = event.resource_pre_event.metadata if event.resource_pre_event else None
        if step is None or step.new is None or step.type.startswith("pulumi:"):
            continue
        found[step.urn] = Resource(
            type=step.type,
            name=step.urn.rpartition("::")[2],
            urn=step.urn,
            properties=clean_inputs(step.type, step.new.inputs or {}),
            protect=bool(step.new.protect),
            dependencies=dict(dependencies.get(step.urn, {})),
        )
    return list(found.values())


def read_dependencies(path: Path) -> Dependencies:
    """Return the dependencies of a saved plan; none if the file is missing, because the preview failed."""
    return planned_dependencies(json.loads(path.read_text())) if path.exists() else {}


def planned_dependencies(plan: Mapping[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Return URN -> property -> URNs of the resources whose outputs it is made of.

    Args:
        plan: The saved plan as JSON.
    """
    goals = {urn: mapping(each).get("goal") for urn, each in mapping(plan.get("resourcePlans")).items()}
    return {
        urn: {key: list(urns or ()) for key, urns in mapping(mapping(goal).get("propertyDependencies")).items()}
        for urn, goal in goals.items()
    }
