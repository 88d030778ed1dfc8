"""The output of `drydock cost`. Mocked: the preview, by a recorded plan. tests/infra/costs tests the amounts."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from typer import Typer
from typer.testing import CliRunner

from infra.commands import cost as command
from infra.costs.change import cost_change
from infra.costs.estimate import estimate
from infra.difference.compare import Comparison
from infra.engine import session
from infra.errors import InputError, OperationError
from infra.resources.resource import Resource
from infra.review import Plan, plan_from_events
from stacks.settings import parse_settings
from tests.infra.costs.edits import DATABASE, changed
from tests.infra.review.built import error
from tests.support.planned import planned_stack


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Typer:
    """The command with a recorded plan in place of a preview."""
    monkeypatch.setattr(command, "planned", planned_stack)
    app = Typer()
    app.command()(command.cost)
    return app


def _rows(output: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in output.splitlines() if "│" in line]


def test_shows_components_a_range_and_what_is_not_in_it(app: Typer) -> None:
    """Estimates are marked with `~`, and so is a sum that contains one."""
    said = CliRunner().invoke(app, ["prod"])

    assert said.exit_code == 0
    rows = _rows(said.output)
    assert ["NAT gateway", "3", "~37.96", "~113.88", "~113.88"] in rows
    assert ["node, 2 vCPUs and 8 GiB", "3 to 7", "~75.7", "~227.10", "~529.90"] in rows
    assert ["JobQueue", "", "", "1.00", "1.00"] in rows
    assert rows[-1][0] == "in all"
    assert rows[-1][3].startswith("~")
    assert "- aws:ec2/natGateway:NatGateway (3): GB of traffic" in said.output
    assert "Not counted: traffic between zones" in said.output
    assert said.output.endswith("Not priced, so not in the total: nothing\n")


def test_lists_a_class_without_a_price(app: Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is still estimated, and the message names the class and the file to change."""

    def plan(stack: str) -> list[Resource]:
        return changed(planned_stack(stack), DATABASE, instanceClass="db.r9z.large")

    monkeypatch.setattr(command, "planned", plan)
    said = CliRunner().invoke(app, ["prod"])

    assert said.exit_code == 0
    assert (
        "- database-instance: PostgreSQL on db.r9z.large: infra/costs/prices.py has no price in eu-central-1"
        in said.output.splitlines()
    )


def test_prints_each_charge_as_json(app: Typer) -> None:
    """With its resource, component, count, price and source; the sums are those of the parts."""
    printed = json.loads(CliRunner().invoke(app, ["dev", "--json"]).output)

    assert (printed["stack"], printed["region"], printed["notPriced"]) == ("dev", "eu-central-1", [])
    (control_plane,) = [each for each in printed["charges"] if each["what"] == "EKS control plane"]
    assert control_plane == {
        "urn": "urn:pulumi:dev::drydock::drydock:cluster:Cluster$aws:eks/cluster:Cluster::cluster-eks",
        "component": "Cluster",
        "what": "EKS control plane",
        "count": {"rest": 1, "most": 1},
        "usdEach": 73.0,
        "estimated": True,
        "source": "https://aws.amazon.com/eks/pricing/",
        "monthlyUsd": {"rest": 73.0, "most": 73.0},
    }
    for end in ("rest", "most"):
        parts = sum(each[end] for each in printed["components"].values())
        assert printed["monthlyUsd"][end] == pytest.approx(parts, abs=0.05)
    assert {"type": "aws:sqs/queue:Queue", "what": "requests", "resources": 2} in printed["byUse"]


def test_refuses_an_unknown_stack(app: Typer) -> None:
    """Before the preview."""
    assert isinstance(CliRunner().invoke(app, ["nowhere"]).exception, InputError)


@pytest.mark.parametrize("option", [[], ["--json"]])
def test_fails_if_the_stack_costs_more_than_its_budget(
    app: Typer, monkeypatch: pytest.MonkeyPatch, option: list[str]
) -> None:
    """The estimate is still printed. The message names the stack and the setting."""
    found = estimate(planned_stack("dev")).rest
    budget, rest = int(found), f"{found:.2f}"
    settings = {"region": "eu-central-1", "edge": {"domain": "api.example.com"}, "budget": {"monthlyUsd": budget}}
    monkeypatch.setattr(session, "read_settings", lambda stack: parse_settings(settings, stack))
    said = CliRunner().invoke(app, ["dev", *option])

    assert isinstance(said.exception, OperationError)
    assert f"dev: the stack costs {rest} USD a month at rest, and budget.monthlyUsd is {budget}" in str(said.exception)
    if option:
        assert json.loads(said.output)["budgetMonthlyUsd"] == budget
    else:
        assert f"Budget: {rest} USD a month at rest of budget.monthlyUsd {budget}" in said.output.splitlines()


def test_accepts_a_stack_within_its_budget(app: Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The maximum of the range may exceed it."""
    budget = int(estimate(planned_stack("dev")).rest) + 1
    settings = {"region": "eu-central-1", "edge": {"domain": "api.example.com"}, "budget": {"monthlyUsd": budget}}
    monkeypatch.setattr(session, "read_settings", lambda stack: parse_settings(settings, stack))

    assert CliRunner().invoke(app, ["dev"]).exit_code == 0


def _plans(**plans: Plan) -> Callable[..., Comparison]:
    def diff_stacks(base: str, stacks: list[str], **_options: object) -> Comparison:
        assert (base, stacks) == ("main", list(plans))
        return Comparison(plans=plans)

    return diff_stacks


def test_compares_with_a_commit_by_component(app: Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mocked: the previews of `drydock diff`."""
    before, after = (
        estimate(changed(planned_stack("prod"), DATABASE, instanceClass=name))
        for name in ("db.m7g.large", "db.t4g.large")
    )
    plan = replace(plan_from_events([]), base="commit 1234567", cost=cost_change(before, after))
    monkeypatch.setattr(command, "diff_stacks", _plans(prod=plan))
    said = CliRunner().invoke(app, ["prod", "--base", "main"])

    assert said.exit_code == 0
    rows = _rows(said.output)
    assert ["Database", "320.34", "251.72", "-68.62", "429.94", "361.32", "-68.62"] in rows
    assert ["Cluster", "75.00", "75.00", "", "75.00", "75.00", ""] in rows
    assert rows[-1][:4] == ["in all", f"{before.rest:.2f}", f"{before.rest - 68.62:.2f}", "-68.62"]
    cost = f"{before.rest:.0f} -> {after.rest:.0f} USD a month (-69)"
    assert said.output.splitlines()[-1] == f"prod: cost at rest: {cost}"

    printed = json.loads(CliRunner().invoke(app, ["prod", "--base", "main", "--json"]).output)
    assert (printed["stack"], printed["base"]) == ("prod", "commit 1234567")
    assert printed["components"]["Database"][1] == {"rest": 251.72, "most": 361.32}


def test_a_failed_preview_cannot_be_compared(app: Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The errors of the preview are in the message."""
    monkeypatch.setattr(command, "diff_stacks", _plans(prod=plan_from_events([error("no such zone")])))
    failure = CliRunner().invoke(app, ["prod", "--base", "main"]).exception

    assert isinstance(failure, OperationError)
    assert str(failure) == "the preview of prod failed:\n  no such zone"
