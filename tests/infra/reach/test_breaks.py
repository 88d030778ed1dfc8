"""Each mistake in the network is reported with resource and remedy; the unchanged stack has no finding."""

from functools import cache

import pytest

from infra.reach.breach import Breach
from infra.reach.laws.balancers import load_balancers_reach_pods
from infra.reach.laws.confinement import pods_are_confined
from infra.reach.laws.isolation import database_is_isolated, internet_reaches_load_balancers_only
from infra.reach.laws.needs import pods_reach_what_they_need
from infra.reach.laws.tiers import subnets_fit_their_tier
from infra.reach.view import view_of
from tests.infra.reach.breaks import BREAKS
from tests.infra.reach.breaks.model import BALANCER, CONFINED, DATABASE, INTERNET, NEEDS, TIERS, Break
from tests.infra.reach.wiring import Wiring
from tests.support.planned import planned_stack

LAWS = {
    NEEDS: pods_reach_what_they_need,
    BALANCER: load_balancers_reach_pods,
    INTERNET: internet_reaches_load_balancers_only,
    DATABASE: database_is_isolated,
    TIERS: subnets_fit_their_tier,
    CONFINED: pods_are_confined,
}


@cache
def found_before(law: str, stack: str) -> list[Breach]:
    """Return the findings of a law in the unchanged stack."""
    return list(LAWS[law](view_of(planned_stack(stack))))


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.name)
def test_reports_the_break(broken: Break) -> None:
    """Its law reports the resource, what does not work, and the remedy."""
    assert found_before(broken.law, broken.stack) == []

    wiring = Wiring(planned_stack(broken.stack))
    broken.change(wiring)

    found = list(LAWS[broken.law](view_of(wiring.resources)))
    assert [
        each
        for each in found
        if each.resource.name == broken.at and broken.says in each.finding and broken.remedy in each.remedy
    ], [(each.resource.name, each.finding, each.remedy) for each in found]


def test_there_is_a_break_for_each_law() -> None:
    """The names of all breaks are unique."""
    assert {broken.law for broken in BREAKS} == set(LAWS)
    assert len({broken.name for broken in BREAKS}) == len(BREAKS) > 50
