"""The hypothesis profile and the order of all tests.

There is no deadline, because a slow machine is not a failure. If `CI` is set, the examples are the same in each run, so
a pull request fails only because of its changes; new examples are tried on the machines of developers.
"""

import os

import pytest
from hypothesis import settings

settings.register_profile("drydock", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
settings.load_profile("drydock")

# The slowest files run first, so no worker runs one of them alone at the end.
LONGEST = [
    "tests/test_docs.py",
    "tests/e2e/test_zones.py",
    "tests/e2e/test_second_service.py",
    "tests/e2e/test_kills.py",
    "tests/images/test_build.py",
    "tests/app/test_contract.py",
    "tests/localcloud/aws/test_updates.py",
    "tests/localcloud/aws/test_crashes.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests: the slowest files first, the others as collected."""
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.nodeid.partition("::")[0], len(ranks)))
