"""`aws:assumeRoles` of a stack file."""

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


def test_no_role_is_an_empty_list() -> None:
    assert parse_assumed_roles({"aws:region": "eu-central-1"}, SOURCE, ADMINS) == ()
    assert parse_assumed_roles({"aws:assumeRoles": []}, SOURCE, ADMINS) == ()


def test_a_list_and_its_json_are_the_same() -> None:
    """A program gets the configuration as text, a stack file has it as YAML."""
    given = [
        {"roleArn": "arn:aws:iam::999999999999:role/hub", "externalId": "x-1"},
        {"roleArn": ARN, "sessionName": "ci", "duration": "1h30m", "tags": {"a": "b"}, "transitiveTagKeys": ["a"]},
    ]

    first, last = parse_assumed_roles({"aws:assumeRoles": given}, SOURCE, ADMINS)

    assert parse_assumed_roles({"aws:assumeRoles": json.dumps(given)}, SOURCE, ADMINS) == (first, last)
    assert (first.external_id, last.name, last.tags) == ("x-1", "drydock-deploy", {"a": "b"})


def test_a_path_belongs_to_the_name() -> None:
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
def test_what_is_wrong_is_named_with_its_place(value: Any, expected: str) -> None:
    assert any(expected in line for line in problems(value))


def test_the_role_that_deploys_has_to_administer_the_cluster() -> None:
    """The cluster refuses other roles; intermediate roles may be others."""
    other = "arn:aws:iam::123456789012:role/ci"
    parse_assumed_roles({"aws:assumeRoles": [{"roleArn": other}, {"roleArn": ARN}]}, SOURCE, ADMINS)

    assert problems([{"roleArn": ARN}, {"roleArn": other}]) == [
        "aws:assumeRoles[1].roleArn: the deploy role must be one of cluster.adminRoles, or the cluster "
        "refuses it; got ci, and those are drydock-deploy, ops/break-glass"
    ]


def test_the_name_of_older_providers_is_refused() -> None:
    assert problems({"roleArn": ARN}, "aws:assumeRole") == [
        "aws:assumeRole: Pulumi's aws provider 7 uses aws:assumeRoles, a list of roles"
    ]


def test_a_stack_file_is_checked_before_the_engine_starts(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.test.yaml"
    path.write_text("config:\n  drydock:region: eu-central-1\n  aws:assumeRoles: [{roleArn: nobody}]\n")

    with pytest.raises(SettingsError, match=r'aws:assumeRoles\[0\]\.roleArn: must match .*, got "nobody"'):
        read_stack_file(path)
