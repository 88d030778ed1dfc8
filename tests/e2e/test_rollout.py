"""Releases: a good one fails no request; a bad one is refused with its reason while the old pods serve."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.checkout import Checkout
from tests.e2e.load import SteadyLoad
from tests.support import plain_http

pytestmark = pytest.mark.e2e


@contextmanager
def quickly_refused(platform: Checkout) -> Iterator[None]:
    """Shorten the time in which a release that cannot become ready is refused."""
    job = "components/manifests/job.py"
    with platform.restored("Pulumi.local.yaml", job):
        platform.set("local", "service", "progressDeadlineSeconds", 30)  # the lowest accepted
        # The Job controller waits for 10 s before the first retry, and twice as long before each further one.
        platform.replace(job, '"backoff_limit": 3', '"backoff_limit": 1')
        yield


def test_a_changed_source_file_rolls_out_without_a_failed_request(platform: Checkout) -> None:
    """Under a steady 50 requests/s over HTTPS the digest changes and every request is answered with 200."""
    before = platform.outputs()
    with SteadyLoad(platform.https(), per_second=50) as load:
        platform.replace("app/__init__.py", '"""', '"""A changed line. ', first=True)
        platform.run("up", "local")

    assert platform.outputs()["image"] != before["image"]
    load.assert_nothing_lost()


@pytest.mark.parametrize("file", ["app/api.py", "app/migrations/migrate.py"])
def test_a_broken_release_is_refused_with_its_reason(platform: Checkout, file: str) -> None:
    """Exit 1 with the pod's reason and its last log lines; the old pods keep serving; the next good `up` succeeds."""
    with quickly_refused(platform), platform.restored(file), SteadyLoad(platform.url(), per_second=20) as load:
        path = platform.root / file
        path.write_text(f'raise SystemExit("broken on purpose")\n{path.read_text()}')
        said = platform.run("up", "local", expect=1).stderr

    assert "broken on purpose" in said
    assert "exit code 1" in said
    load.assert_nothing_lost()
    platform.run("up", "local")
    assert plain_http.get(f"{platform.url()}/health/ready").status_code == 200


def test_a_rollback_of_changed_settings_keeps_the_settings_of_the_pods(platform: Checkout) -> None:
    """After a failed release with other settings, pods that start later still have the settings that work."""
    before = config_maps(platform)
    with quickly_refused(platform):
        platform.set("local", "service", "environment", {"PYTHONMALLOC": "none"})
        assert "PYTHONMALLOC: unknown allocator" in platform.run("up", "local", expect=1).stderr
    platform.run("up", "local")

    assert before <= config_maps(platform)
    platform.kubectl("delete", "pods", "--all")
    platform.kubectl("rollout", "status", "--timeout=60s", "deployment/api")
    assert platform.run("refresh", "local").stdout == "no drift\n"


def config_maps(platform: Checkout) -> set[str]:
    """Return the names of the ConfigMaps that pods refer to."""
    return set(platform.kubectl("get", "configmaps", "--output=name").split())
