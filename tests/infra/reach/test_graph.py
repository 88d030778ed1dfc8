"""References between the resources of a plan."""

import random
from dataclasses import replace

import pytest

from infra.reach.matrix import matrix_of
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

    assert matrix_of(shuffled).answers == matrix_of(resources).answers
