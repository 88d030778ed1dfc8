"""The table of `drydock cost`. Mocked: the preview, by a recorded plan. tests/infra/costs tests the amounts."""

import pytest
from typer import Typer
from typer.testing import CliRunner

from infra.commands import cost as command
from infra.engine import session
from infra.errors import InputError
from stacks.settings import parse_settings
from tests.support.planned import planned_stack


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Typer:
    """The command with a recorded plan in place of a preview."""
    monkeypatch.setattr(command, "planned", planned_stack)
    app = Typer()
    app.command()(command.cost)
    return app


def test_shows_lines_total_and_excluded_costs(app: Typer) -> None:
    """Estimates are marked with `~`, and so is a total that contains one."""
    said = CliRunner().invoke(app, ["prod"])

    assert said.exit_code == 0
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in said.output.splitlines() if "│" in line]
    assert ["NAT gateway", "3", "~37.96", "~113.88"] in rows
    (keys,) = [row for row in rows if row[0] == "KMS key"]
    assert "~" not in keys[3]
    assert rows[-1][0] == "in all"
    assert rows[-1][3].startswith("~")
    assert "- traffic: NAT gateways" in said.output


def test_refuses_a_region_without_prices(app: Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the file with the prices and the region that it has."""
    monkeypatch.setattr(session, "read_settings", lambda stack: parse_settings({"region": "us-east-1"}, stack))

    error = CliRunner().invoke(app, ["prod"]).exception
    assert isinstance(error, InputError)
    assert "prod is in us-east-1; infra/costs/prices.py has prices only for eu-central-1" in str(error)
