"""What a plan changes in the cost of a stack."""

from collections.abc import Iterable

from infra.costs.change import CostChange, cost_change
from infra.costs.estimate import estimate
from infra.resources.resource import Properties, Resource
from infra.review.hazards.alteration import Alteration


def cost_of(alterations: Iterable[Alteration]) -> CostChange:
    """Estimate the stack before and after a plan, with the resources that it does not change.

    The states before are those that the stack has, so their values are known. A value after is unknown if the
    deployment decides it.
    """
    found = list(alterations)
    before = [_resource(each, each.old) for each in found if each.old is not None]
    after = [_resource(each, each.new) for each in found if each.new is not None]
    return cost_change(estimate(before), estimate(after))


def _resource(alteration: Alteration, inputs: Properties) -> Resource:
    return Resource(type=alteration.type, name=alteration.name, urn=alteration.urn, properties=inputs)
