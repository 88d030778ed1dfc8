"""The hypothesis profile, the temporary folders and the order of all tests.

There is no deadline, because a slow machine is not a failure. If `CI` is set, the examples are the same in each run, so
a pull request fails only because of its changes; new examples are tried on the machines of developers.
"""

import os

import pytest
from hypothesis import settings

from tests.support.memory import use_memory

settings.register_profile("drydock", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
settings.load_profile("drydock")
use_memory()

# The slowest files run first, so no worker runs one of them alone at the end.
LONGEST = [
    "tests/test_docs.py",
    "tests/e2e/test_zones.py",
    "tests/e2e/test_second_service.py",
    "tests/e2e/test_kills.py",
    "tests/e2e/test_rollout.py",
    "tests/e2e/test_durability.py",
    "tests/e2e/test_rehearsal.py",
    "tests/e2e/test_edge.py",
    "tests/images/test_build.py",
    "tests/test_other_systems.py",
    "tests/test_make_it_yours.py",
    "tests/infra/difference/test_changes.py",
    "tests/app/test_contract.py",
    "tests/localcloud/aws/test_updates.py",
    "tests/localcloud/aws/test_crashes.py",
]
# `make unit` leaves these out: they run the real engine, processes of the service or a browser, or take minutes.
SLOW = {
    "tests/infra/policy/scanners/test_scanners.py",
    "tests/stacks/test_administrator.py",
    "tests/stacks/test_deferred.py",
    "tests/stacks/test_deploys_again.py",
    "tests/stacks/test_image.py",
    "tests/stacks/test_left_over.py",
    "tests/app/core/postgres/test_silent_server.py",
    "tests/app/core/process/http1/test_fuzz.py",
    "tests/app/core/process/test_server.py",
    "tests/app/jobs/test_worker.py",
    "tests/app/test_contract.py",
    "tests/app/test_removal.py",
    "tests/app/test_worker.py",
    "tests/app/web/test_users_page.py",
    "tests/app/web/test_users_page_attacks.py",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests, and order them: the slowest files first, the others as collected."""
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.nodeid.partition("::")[0], len(ranks)))
    for item in items:
        if item.nodeid.partition("::")[0] in SLOW:
            item.add_marker("slow")
