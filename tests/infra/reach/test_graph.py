"""References between the resources of a plan."""

import random
from dataclasses import replace

import pytest

from infra.reach.matrix import matrix_of
from infra.reach.tables import hops
from infra.resources.resource import Resource
from tests.support.planned import planned_stack


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_resources_and_dependencies_does_not_matter(seed: int) -> None:
    """The engine lists both in another order in each run."""
    resources = planned_stack("prod")
    mixed = random.Random(seed).sample(resources, len(resources))
    shuffled = [
        replace(
            each,
            dependencies={key: random.Random(seed).sample(urns, len(urns)) for key, urns in each.dependencies.items()},
        )
        for each in mixed
    ]

    assert printed(shuffled) == printed(resources)


def printed(resources: list[Resource]) -> dict[tuple[str, str], list[str]]:
    """Return the hops between each two places, as `drydock reach` prints them."""
    return {places: list(hops(answer)) for places, answer in matrix_of(resources).answers.items()}
