"""The settings accept the versions of stacks/versions.py, in combinations that AWS offers."""

import pytest

from stacks.settings import parse_settings
from stacks.versions import KUBERNETES, METRICS_SERVER, POSTGRESQL
from tests.stacks.settings.errors import error_lines


def test_the_tables_of_versions_agree() -> None:
    """Each minor has builds of the add-on, and extended support ends after the standard one."""
    assert list(KUBERNETES) == list(METRICS_SERVER) == ["1.33", "1.34", "1.35", "1.36"]
    assert list(POSTGRESQL) == ["14", "15", "16", "17", "18"]
    assert all(each.standard < each.extended for table in (KUBERNETES, POSTGRESQL) for each in table.values())


@pytest.mark.parametrize("version", ["1.33", "1.34", "1.35", "1.36"])
def test_each_minor_accepts_its_own_builds_of_the_addon(version: str) -> None:
    """The default is the first one, and builds of other minors are refused."""
    cluster = parse_settings({"region": "eu-central-1", "cluster": {"version": version}}, "test").cluster
    assert cluster.metrics_server == METRICS_SERVER[version][0]
    for build in {build for builds in METRICS_SERVER.values() for build in builds}:
        lines = error_lines(cluster={"version": version, "metricsServerVersion": build})
        if build in METRICS_SERVER[version]:
            assert lines == []
        else:
            (line,) = lines
            assert line.startswith(f"cluster.metricsServerVersion: must be {METRICS_SERVER[version][0]}")
            assert line.endswith(f"with version {version}, got {build}")


@pytest.mark.parametrize("build", ["v0.8.0-eksbuild.1", "v9.9.9-eksbuild.9", "latest", ""])
def test_refuses_unknown_builds(build: str) -> None:
    (line,) = error_lines(cluster={"metricsServerVersion": build})

    assert line.startswith("cluster.metricsServerVersion: must be v0.8.1-eksbuild.4, ")
    assert "stacks/versions.py has the list" in line


def test_accepts_the_majors_of_the_database_with_a_known_end() -> None:
    """Majors without an entry in the table are refused."""
    for major in ("14", "15", "16", "17", "18"):
        assert error_lines(database={"engineVersion": f"{major}.6"}) == []
    for major in ("13", "19"):
        assert error_lines(database={"engineVersion": f"{major}.6"}) != []
