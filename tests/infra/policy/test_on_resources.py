"""Judging resources without the engine, and reading them from a state file."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pulumi_policy import EnforcementLevel
from typer.testing import CliRunner

from infra.cli import app
from infra.engine import state_file
from infra.errors import InputError
from infra.policy.levels import policies_for
from infra.policy.on_resources import judged
from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource
from tests.infra.policy.judge import Given
from tests.infra.policy.judge import violations as violations_in_sdk
from tests.support.planned import planned_stack

TODAY = date(2026, 11, 28)
PREFIX = "urn:pulumi:prod::drydock::"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"}
BUCKET = {
    "urn": f"{PREFIX}aws:s3/bucket:Bucket::data",
    "type": "aws:s3/bucket:Bucket",
    "custom": True,
    "id": "data-1",
    "inputs": {"__defaults": [], "bucket": "data-1", "acl": "public-read"},
    "outputs": {"id": "data-1", "bucket": "data-1", "arn": "arn:aws:s3:::data-1"},
    "protect": True,
}
DATABASE = {
    "urn": f"{PREFIX}aws:rds/instance:Instance::db",
    "type": "aws:rds/instance:Instance",
    "custom": True,
    "inputs": {"password": SECRET, "publiclyAccessible": True},
    "propertyDependencies": {"password": [BUCKET["urn"]], "port": None},
}
STACK = {"urn": f"{PREFIX}pulumi:pulumi:Stack::drydock-prod", "type": "pulumi:pulumi:Stack"}


def written(path: Path, *resources: dict[str, Any], checkpoint: bool = False) -> Path:
    deployment = {"resources": [STACK, *resources]}
    document = {"checkpoint": {"latest": deployment}} if checkpoint else {"deployment": deployment}
    path.write_text(json.dumps({"version": 3, **document}))
    return path


@pytest.mark.parametrize("checkpoint", [True, False])
def test_reads_a_state_file(tmp_path: Path, checkpoint: bool) -> None:
    """Inputs are before outputs, and secrets are unknown. What is deleted or only read is left out."""
    gone = BUCKET | {"urn": f"{PREFIX}aws:s3/bucket:Bucket::gone", "delete": True}
    foreign = BUCKET | {"urn": f"{PREFIX}aws:s3/bucket:Bucket::foreign", "external": True}

    stack, found = state_file.read(written(tmp_path / "s", BUCKET, DATABASE, gone, foreign, checkpoint=checkpoint))

    assert stack == "prod"
    assert [each.name for each in found] == ["data", "db"]
    assert found[0].properties == {
        "id": "data-1", "bucket": "data-1", "acl": "public-read", "arn": "arn:aws:s3:::data-1",
    }  # fmt: skip
    assert found[0].protect
    assert found[1].properties["password"] is UNKNOWN
    assert found[1].dependencies == {"password": [BUCKET["urn"]], "port": []}
    assert not found[1].protect


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"deployment": {"resources": [{"urn": "a"}]}}'])
def test_refuses_another_file(tmp_path: Path, text: str) -> None:
    """The message says what writes such a file, or why it cannot be read."""
    path = tmp_path / "state.json"
    path.write_text(text)

    with pytest.raises(InputError, match=r"--state .*state\.json: "):
        state_file.read(path)


def test_refuses_a_file_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        state_file.read(tmp_path / "nothing")


def test_judges_as_the_engine_does() -> None:
    """The findings are those of the SDK's view, at the level of the stack."""
    resource = Resource(type="aws:s3/bucket:Bucket", name="subject", urn="urn", properties={"acl": "public-read"})
    found = judged([resource], policies_for("dev", TODAY))

    told = {verdict.rule: verdict for verdict in found}
    [rule] = [each for each in policies_for("dev", TODAY) if each.name == "aws-s3-no-public-acl"]
    assert (
        told["aws-s3-no-public-acl"].message
        == violations_in_sdk(rule, Given(type=resource.type, properties={"acl": "public-read"}))[0]
    )
    assert told["aws-s3-no-public-acl"].mandatory
    assert told["aws-s3-versioned"].mandatory
    assert told["stateful-resource-protected"].level is EnforcementLevel.ADVISORY
    assert not judged([resource], [each for each in policies_for("local", TODAY) if "stateful" in each.name])


def test_follows_dependencies() -> None:
    """A stack rule connects resources whose values are unknown."""
    planned = list(planned_stack("prod"))
    policies = [each for each in policies_for("prod", TODAY) if each.name.startswith("aws-")]

    assert judged(planned, policies) == []
    without = [each for each in planned if "bucketPolicy" not in each.type]
    assert {verdict.rule for verdict in judged(without, policies)} == {"aws-s3-tls-only"}


def test_the_command_judges_a_state_file(tmp_path: Path) -> None:
    """It prints violations with their remedies, and fails."""
    path = written(tmp_path / "state.json", BUCKET, DATABASE)
    result = CliRunner().invoke(app, ["policy", "--state", str(path)])

    assert result.exit_code != 0
    assert (
        "prod: VIOLATION aws-rds-no-public-access: db (aws:rds/instance:Instance): publiclyAccessible" in result.output
    )
    assert "prod: 2 deployed resources, " in result.output
    levels = CliRunner().invoke(app, ["policy", "dev", "--state", str(path)])
    assert "dev: advice stateful-resource-protected: db" in levels.output


def test_the_command_shows_what_rules_see(tmp_path: Path) -> None:
    """Secrets are hidden, and unknown values are named."""
    path = written(tmp_path / "state.json", BUCKET, DATABASE)
    result = CliRunner().invoke(app, ["policy", "--state", str(path), "--show", "Instance"])

    assert result.exit_code == 0
    assert result.output == (
        "db (aws:rds/instance:Instance), protect false\n"
        '{\n  "password": "[known after up]",\n  "publiclyAccessible": true\n}\n'
        "password depends on data\n"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["--show", "Queue"], "no resource of this type"), (["dev", "prod"], "name one stack")],
)
def test_the_command_refuses_what_it_cannot_do(tmp_path: Path, arguments: list[str], told: str) -> None:
    """The message says what is possible."""
    path = written(tmp_path / "state.json", BUCKET)
    result = CliRunner().invoke(app, ["policy", "--state", str(path), *arguments])

    assert result.exit_code != 0
    assert told in f"{result.output} {result.exception}"
