"""Whether a plan leaves the state file as it is, so that `up` need not run."""

from typing import Any

# What the engine records of a resource in addition to inputs and outputs, and has in its plan. Aliases are not
# recorded.
RECORDED = (
    "parent",
    "protect",
    "provider",
    "dependencies",
    "propertyDependencies",
    "ignoreChanges",
    "additionalSecretOutputs",
    "customTimeouts",
)


def is_settled(plan: dict[str, Any], deployment: dict[str, Any]) -> bool:
    """Return whether the plan of the engine matches the deployment in the state.

    A plan without changed resources may still change outputs of the stack, dependencies or protection. What a
    plan omits is unchanged if the program is: see `deployed_program`.

    Args:
        plan: the file of `preview --save-plan`.
        deployment: `resources` and `pending_operations` of the state.
    """
    planned: dict[str, dict[str, Any]] = plan["resourcePlans"]
    resources = deployment.get("resources") or []
    if deployment.get("pending_operations") or len(resources) != len(planned):
        return False
    return all(_is_same(planned.get(resource["urn"]), resource) for resource in resources)


def _is_same(planned: dict[str, Any] | None, resource: dict[str, Any]) -> bool:
    if planned is None or planned["steps"] != ["same"] or resource.get("delete"):
        return False
    goal = planned["goal"]
    if goal["inputDiff"] or goal["outputDiff"]:
        return False
    return all(_bare(goal.get(name)) == _bare(resource.get(name)) for name in RECORDED)


def _bare(value: Any) -> Any:
    """Drop the defaults of the engine: None, False, and empty lists and maps. Lists have no order."""
    if isinstance(value, dict):
        return {key: bare for key, each in value.items() if (bare := _bare(each))} or None
    return (sorted(value) if isinstance(value, list) else value) or None
