"""All breaks of the wiring, one a row."""

from infra.resources.resource import Resource
from tests.infra.reach.breaks import acls, balancers, endpoints, groups, internet, policies, routes
from tests.infra.reach.wiring import Wiring
from tests.support.planned import planned_stack

BREAKS = [
    *groups.BREAKS,
    *routes.BREAKS,
    *endpoints.BREAKS,
    *policies.BREAKS,
    *balancers.BREAKS,
    *internet.BREAKS,
    *acls.BREAKS,
]


def broken_stack(name: str) -> list[Resource]:
    """Return the resources of a stack with one break, by its name."""
    broken = next(each for each in BREAKS if each.name == name)
    wiring = Wiring(planned_stack(broken.stack))
    broken.change(wiring)
    return wiring.resources
