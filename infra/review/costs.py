"""What a plan changes in the cost of a stack."""

from collections.abc import Iterable

from pulumi.automation.events import StepEventMetadata, StepEventStateMetadata

from infra.costs.change import CostChange, cost_change
from infra.costs.estimate import estimate
from infra.resources.resource import Resource
from infra.review.values import clean_inputs


def cost_of(steps: Iterable[StepEventMetadata]) -> CostChange:
    """Estimate the stack before and after the steps of a preview, with those that change nothing.

    The states before are those that the stack has, so their values are known. A value after is unknown if the
    deployment decides it.
    """
    found = list(steps)
    before = [_resource(step.old) for step in found if step.old]
    after = [_resource(step.new) for step in found if step.new]
    return cost_change(estimate(before), estimate(after))


def _resource(state: StepEventStateMetadata) -> Resource:
    return Resource(
        type=state.type,
        name=state.urn.rpartition("::")[2],
        urn=state.urn,
        properties=clean_inputs(state.type, state.inputs or {}),
    )
