"""Output and exit code of `drydock doctor`."""

import json
import socket
from dataclasses import replace

import pytest
from typer import Typer
from typer.testing import CliRunner

from infra.commands import doctor as module
from infra.commands.doctor import blocks, doctor, remedies
from infra.errors import InputError, OperationError
from infra.toolchain.inventory import Row
from infra.toolchain.machine import Check

FINE = Row(
    name="pulumi",
    purpose="the deployment engine",
    needed=True,
    ok=True,
    accepted=">= 3.259.0, < 4.0.0",
    version="3.259.0",
    source="PATH",
    path="/usr/bin/pulumi",
    remedy="",
)
ABSENT = replace(FINE, name="buildah", needed=False, ok=False, version="", source="missing", remedy="apt install it")
BROKEN = replace(FINE, name="postgres", ok=False, version="", source="missing", remedy="make setup")
ROOM = Check(name="free memory", ok=True, found="8.0 GiB", needed="1.5 GiB", remedy="")
NO_ROOM = Check(name="disk", ok=False, found="0.1 GiB free", needed="8.0 GiB free", remedy="free some space")


@pytest.fixture
def command() -> Typer:
    """An application with this command only."""
    app = Typer()
    app.command()(doctor)
    return app


def machine_with(monkeypatch: pytest.MonkeyPatch, rows: list[Row], checks: list[Check]) -> None:
    """Replace the tools and checks of the machine by these."""
    monkeypatch.setattr(module.inventory, "rows", lambda: rows)
    monkeypatch.setattr(module.machine, "checks", lambda **_: checks)
    monkeypatch.setattr(module, "_service_port", lambda: ROOM)


def test_notes_versions_whose_support_ends(command: Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The note names stack and version; the exit code stays 0."""
    machine_with(monkeypatch, [FINE], [ROOM])
    monkeypatch.setattr(module, "stack_names", lambda: ["prod"])
    monkeypatch.setattr(module, "ending", lambda settings, today: ["Kubernetes 1.35: standard support ends soon"])

    result = CliRunner().invoke(command)

    assert result.exit_code == 0
    assert "note      versions of prod: Kubernetes 1.35: standard support ends soon" in result.output


def test_a_machine_with_everything_needed_passes(command: Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An optional tool may be missing; the output says how to install it."""
    machine_with(monkeypatch, [FINE, ABSENT], [ROOM])

    result = CliRunner().invoke(command)

    assert result.exit_code == 0
    assert "3.259.0" in result.output
    assert "optional  buildah: apt install it" in result.output
    assert result.output.endswith("`make up` works on this machine\n")


@pytest.mark.parametrize(("rows", "checks", "named"), [([BROKEN], [ROOM], "postgres"), ([FINE], [NO_ROOM], "disk")])
def test_fails_if_something_needed_is_missing(
    command: Typer, monkeypatch: pytest.MonkeyPatch, rows: list[Row], checks: list[Check], named: str
) -> None:
    """Exit code 1 with an error that names it; the table before it has the remedy."""
    machine_with(monkeypatch, rows, checks)

    result = CliRunner().invoke(command)

    assert isinstance(result.exception, OperationError)
    assert result.exception.exit_code == 1
    assert str(result.exception) == f"`make up` would fail: {named}; see the remedies above"
    assert f"NEEDED    {named}: " in result.output


def test_json_is_one_object_on_stdout(command: Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is complete also if something is missing."""
    machine_with(monkeypatch, [FINE, ABSENT], [NO_ROOM])

    result = CliRunner().invoke(command, ["--json"])

    printed = json.loads(result.stdout)
    assert printed["ok"] is False
    assert [tool["name"] for tool in printed["tools"]] == ["pulumi", "buildah"]
    assert printed["checks"][0] == {
        "name": "disk",
        "ok": False,
        "found": "0.1 GiB free",
        "needed": "8.0 GiB free",
        "remedy": "free some space",
    }


def test_lists_blocking_remedies_first() -> None:
    """Notes and optional ones follow, in the order of the tables."""
    lines = remedies([replace(FINE, remedy="another one is not used"), ABSENT, BROKEN, ROOM, NO_ROOM])

    assert [line.split()[0] for line in lines] == ["NEEDED", "NEEDED", "note", "optional"]


def test_only_needed_tools_and_failed_checks_block() -> None:
    """A missing optional tool does not block."""
    assert [blocks(each) for each in (FINE, ABSENT, BROKEN, ROOM, NO_ROOM)] == [False, False, True, False, True]


def test_reports_a_service_port_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port in use by another process fails the check; one in use by the running local cloud does not."""
    settings = module.session.read_settings("local")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        edge = settings.edge.model_copy(update={"http_port": taken.getsockname()[1]})
        monkeypatch.setattr(module.session, "read_settings", lambda _: settings.model_copy(update={"edge": edge}))
        monkeypatch.setattr(module.control, "status", lambda _: [])
        assert not module._service_port().ok

        monkeypatch.setattr(module.control, "status", lambda _: ["a part"])
        assert module._service_port().ok


def test_wrong_settings_fail_one_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a wrong stack file the check fails with the message of the settings, and raises nothing."""

    def wrong(_: str) -> None:
        raise InputError("Pulumi.local.yaml: edge.httpPort must be a number")

    monkeypatch.setattr(module.session, "read_settings", wrong)

    found = module._service_port()

    assert not found.ok
    assert "edge.httpPort must be a number" in found.remedy
