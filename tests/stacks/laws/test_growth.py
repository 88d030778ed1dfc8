"""More replicas, zones, storage and other growth replaces nothing, in every stack and with drawn settings."""

from functools import cache

import pytest

from tests.stacks.laws.graph.growth import COMPARISONS, SLIPS, Slip, grown
from tests.support.worlds import STACKS, WORLDS, World, recorded, world_of

NAT = "aws:ec2/natGateway:NatGateway"


@cache
def _grown(name: str) -> World:
    return grown(world_of(name))


# Each needs a recording, so of the committed stacks only prod is tested; the drawn ones cover the differences.
@pytest.mark.parametrize("world", ["prod", *(name for name in WORLDS if name not in STACKS)], indirect=True)
def test_growth_deletes_and_replaces_nothing(world: World) -> None:
    after = _grown(world.name)
    print(after.settings.model_dump_json(by_alias=True))

    assert after.recording.resources.keys() > world.recording.resources.keys()
    assert [finding for comparison in COMPARISONS for finding in comparison(world, after)] == []


def test_a_new_first_zone_does_not_move_the_nat_gateway() -> None:
    """The single NAT gateway stays in its zone and keeps its public address."""
    network = {"availabilityZones": ["c", "b"], "natStrategy": "single"}
    before = recorded({"region": "eu-central-1", "network": network})
    after = recorded({"region": "eu-central-1", "network": {**network, "availabilityZones": ["c", "b", "a"]}})

    assert before.recording.names(NAT) == after.recording.names(NAT) == ["network-nat-c"]
    assert [finding for comparison in COMPARISONS for finding in comparison(before, after)] == []


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.name)
def test_a_mistake_is_found_by_its_comparison_only(slip: Slip) -> None:
    before, after = world_of("prod"), slip.edit(_grown("prod"))

    found = {each.__name__: findings for each in COMPARISONS if (findings := list(each(before, after)))}

    assert list(found) == [slip.comparison.__name__], found
    assert any(slip.says in finding for finding in found[slip.comparison.__name__]), found


def test_every_comparison_has_a_mistake() -> None:
    assert {slip.comparison for slip in SLIPS} == set(COMPARISONS)
