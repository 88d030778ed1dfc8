"""The setting `aws:assumeRoles` of a stack file."""

import json
from pathlib import Path
from typing import Any

import pytest

from stacks.settings import SettingsError, parse_assumed_roles, read_stack_file

SOURCE = "Pulumi.test.yaml"
ADMINS = ("drydock-deploy", "ops/break-glass")
ARN = "arn:aws:iam::123456789012:role/drydock-deploy"


def problems(value: Any, key: str = "aws:assumeRoles") -> list[str]:
    with pytest.raises(SettingsError) as refused:
        parse_assumed_roles({key: value}, SOURCE, ADMINS)
    head, *lines = str(refused.value).splitlines()
    assert head == f"{SOURCE}: {len(lines)} error{'s' if len(lines) > 1 else ''} in the settings"
    return [line.strip() for line in lines]


def test_without_a_role_the_result_is_empty() -> None:
    assert parse_assumed_roles({"aws:region": "eu-central-1"}, SOURCE, ADMINS) == ()
    assert parse_assumed_roles({"aws:assumeRoles": []}, SOURCE, ADMINS) == ()


def test_accepts_a_list_and_its_json_text() -> None:
    """A stack file has the list as YAML; a program gets the configuration as text."""
    given = [
        {"roleArn": "arn:aws:iam::999999999999:role/hub", "externalId": "x-1"},
        {"roleArn": ARN, "sessionName": "ci", "duration": "1h30m", "tags": {"a": "b"}, "transitiveTagKeys": ["a"]},
    ]

    first, last = parse_assumed_roles({"aws:assumeRoles": given}, SOURCE, ADMINS)

    assert parse_assumed_roles({"aws:assumeRoles": json.dumps(given)}, SOURCE, ADMINS) == (first, last)
    assert (first.external_id, last.name, last.tags) == ("x-1", "drydock-deploy", {"a": "b"})


def test_the_name_includes_the_path() -> None:
    (role,) = parse_assumed_roles(
        {"aws:assumeRoles": [{"roleArn": "arn:aws:iam::123456789012:role/ops/break-glass"}]}, SOURCE, ADMINS
    )
    assert role.name == "ops/break-glass"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"roleArn": ARN}, "aws:assumeRoles: must be a list of roles, each with its roleArn"),
        ("drydock-deploy", "aws:assumeRoles: must be a list of roles, each with its roleArn"),
        ([{}], "aws:assumeRoles[0].roleArn: missing"),
        ([{"roleArn": "drydock-deploy"}], 'got "drydock-deploy"'),
        ([{"roleArn": "arn:aws:iam::123456789012:user/me"}], 'got "arn:aws:iam::123456789012:user/me"'),
        ([{"roleArn": ARN, "role_arn": ARN}], "aws:assumeRoles[0].role_arn: unknown; known are roleArn, sessionName,"),
        ([{"roleArn": ARN, "duration": "an hour"}], "aws:assumeRoles[0].duration: must match ^([0-9]+"),
        ([{"roleArn": ARN, "sessionName": "a b"}], "aws:assumeRoles[0].sessionName: must match "),
        ([{"roleArn": ARN}, {"roleArn": ARN, "tags": ["a"]}], "aws:assumeRoles[1].tags: input should be an object"),
    ],
)
def test_reports_each_error_with_its_path(value: Any, expected: str) -> None:
    assert any(expected in line for line in problems(value))


def test_the_last_role_has_to_administer_the_cluster() -> None:
    """It deploys, and the cluster refuses other roles. Intermediate roles may be others."""
    other = "arn:aws:iam::123456789012:role/ci"
    parse_assumed_roles({"aws:assumeRoles": [{"roleArn": other}, {"roleArn": ARN}]}, SOURCE, ADMINS)

    assert problems([{"roleArn": ARN}, {"roleArn": other}]) == [
        "aws:assumeRoles[1].roleArn: the deploy role must be one of cluster.adminRoles, or the cluster "
        "refuses it; got ci, and those are drydock-deploy, ops/break-glass"
    ]


def test_refuses_the_key_of_older_providers() -> None:
    assert problems({"roleArn": ARN}, "aws:assumeRole") == [
        "aws:assumeRole: Pulumi's aws provider 7 uses aws:assumeRoles, a list of roles"
    ]


def test_reading_a_stack_file_checks_the_roles(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.test.yaml"
    path.write_text("config:\n  drydock:region: eu-central-1\n  aws:assumeRoles: [{roleArn: nobody}]\n")

    with pytest.raises(SettingsError, match=r'aws:assumeRoles\[0\]\.roleArn: must match .*, got "nobody"'):
        read_stack_file(path)
