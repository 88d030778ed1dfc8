"""The resources of a stack before and after a deployment, for the analysis of reachability."""

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.automation.events import StepEventStateMetadata

from infra.resources.resource import Properties, Resource
from infra.review.hazards.alteration import Alteration
from infra.review.values import clean_inputs

Dependencies = Mapping[str, Mapping[str, list[str]]]
"""URN -> property -> URNs of the resources whose outputs it is made of."""


def before(alterations: Iterable[Alteration]) -> list[Resource]:
    """Return the resources that are deployed; a moved one has its new URN."""
    return [
        _resource(each, {**_outputs(each.step.old), **_id(each.step.old)}, each.old)
        for each in alterations
        if each.old is not None and _is_resource(each)
    ]


def after(alterations: Iterable[Alteration], dependencies: Dependencies) -> list[Resource]:
    """Return the resources after the deployment. What the provider assigned is kept, unless it assigns it again."""
    found = []
    for each in alterations:
        if each.new is not None and _is_resource(each):
            kept = {} if each.operation == "replace" else {**_outputs(each.step.old), **_id(each.step.old)}
            given = {**kept, **_outputs(each.step.new)}
            found.append(_resource(each, given, each.new, dependencies.get(each.urn)))
    return found


def _is_resource(alteration: Alteration) -> bool:
    return not alteration.type.startswith("pulumi:")


def _id(state: StepEventStateMetadata | None) -> Properties:
    return {"id": state.id} if state and state.id else {}


def _outputs(state: StepEventStateMetadata | None) -> Properties:
    return clean_inputs(state.type, state.outputs or {}) if state else {}


def _resource(
    alteration: Alteration,
    outputs: Properties,
    inputs: Properties,
    dependencies: Mapping[str, list[str]] | None = None,
) -> Resource:
    return Resource(
        type=alteration.type,
        name=alteration.name,
        urn=alteration.urn,
        properties=_merged(outputs, inputs),
        dependencies=dict(dependencies or {}),
    )


def _merged(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> Properties:
    """Return the inputs, and the outputs that no input has. Of an object, such as `vpcConfig`, both are kept."""
    both = {key: outputs[key] for key, value in inputs.items() if isinstance(value, dict) and key in outputs}
    objects = {key: _merged(value, inputs[key]) for key, value in both.items() if isinstance(value, dict)}
    return {**outputs, **inputs, **objects}
