"""The settings of an account: accepted values, and one message for all faults."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bootstrap.settings import parse_bootstrap
from infra.engine.places import ROOT
from stacks.settings import SettingsError, load_stack_file, read_stack_file, stack_names

RIGHT: dict[str, Any] = {
    "drydock-bootstrap:region": "eu-central-1",
    "drydock-bootstrap:accountId": "123456789012",
    "drydock-bootstrap:repository": "octo-org/octo-repo",
}


def test_the_committed_account_is_that_of_the_committed_stacks() -> None:
    """With the same account and region, and all environments on AWS."""
    given = yaml.safe_load((ROOT / "bootstrap" / "Pulumi.account.yaml").read_text())["config"]
    account = parse_bootstrap(given, "Pulumi.account.yaml")

    stacks = [name for name in stack_names(ROOT) if name != "local"]
    assert sorted(account.environments) == stacks
    for name in stacks:
        stack = read_stack_file(ROOT / f"Pulumi.{name}.yaml")
        assert (stack.account_id, stack.region) == (account.account_id, account.region)


def test_parses_settings_given_as_text() -> None:
    """The engine passes all values as text, lists as JSON."""
    given = {**RIGHT, "drydock-bootstrap:environments": '["live"]', "drydock-bootstrap:protect": "false"}
    found = parse_bootstrap({**given, "datadog:site": "x"}, "Pulumi.account.yaml")

    assert (found.environments, found.protect) == (("live",), False)
    assert found.bucket == "drydock-state-123456789012-eu-central-1"


@pytest.mark.parametrize(
    "repository", ["octo-org/octo-repo", "octo-org@123456/octo-repo@456789", "octo-org-123456/octo-repo-456789"]
)
def test_a_repository_is_written_as_in_the_subject_of_its_tokens(repository: str) -> None:
    """https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens."""
    assert parse_bootstrap({**RIGHT, "drydock-bootstrap:repository": repository}, "account").repository == repository


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("region", "mars", "region: must be a region of AWS: af-south-1, ap-east-1, "),
        ("region", "eu-centrl-1", 'region: must be a region of AWS (did you mean eu-central-1?), got "eu-centrl-1"'),
        ("accountId", "1234", 'accountId: must match ^[0-9]{12}$, got "1234"'),
        (
            "repository",
            "octo-repo",
            'repository: must be a repository on GitHub as ORG/REPO, such as octo-org/octo-repo, got "',
        ),
        (
            "repository",
            "octo-org/octo-repo.git",
            "repository: must be a repository on GitHub without .git of its URL: write octo-org/octo-repo, got ",
        ),
        ("repository", "octo-org/*", "repository: must be a repository on GitHub as ORG/REPO"),
        ("repository", "octo-org/octo-repo:x", "repository: must be a repository on GitHub as ORG/REPO"),
        ("repository", "octo-org@x/octo-repo", "repository: must be a repository on GitHub as ORG/REPO"),
        ("environments", "[]", "environments: must have 1 entries or more, got []"),
        ("environments", '["Prod"]', "environments[0]: Prod: not a valid name of an environment"),
        (
            "environments",
            '["local", "dev"]',
            'environments[0]: "local": must be an environment on AWS, and local is on this machine; remove it',
        ),
        (
            "environments",
            '["bootstrap"]',
            "environments[0]: bootstrap: not a valid name of an environment: it means the",
        ),
        ("environments", '["prod", "prod"]', "environments: must name each environment once, got prod, prod"),
        ("environments", json.dumps([f"e{i}" for i in range(7)]), "environments: must have 6 entries or fewer, got ["),
        ("accountId", "1402433619", 'accountId: must match ^[0-9]{12}$, got "1402433619"; if it begins with 0, put it'),
        (
            "protect",
            "maybe",
            'protect: must be true or false, got "maybe"; set drydock-bootstrap:protect to true or false',
        ),
        ("bucket", "mine", "bucket: unknown setting; known are region, accountId, repository, environments, protect"),
    ],
)
def test_reports_an_invalid_setting(key: str, value: str, line: str) -> None:
    """The message has the value and what is accepted."""
    with pytest.raises(SettingsError) as refused:
        parse_bootstrap({**RIGHT, f"drydock-bootstrap:{key}": value}, "bootstrap/Pulumi.account.yaml")

    first, *lines = str(refused.value).splitlines()
    assert first == "bootstrap/Pulumi.account.yaml: 1 error in the settings"
    assert len(lines) == 1
    assert lines[0].strip().startswith(line)


def test_refuses_a_misspelt_namespace() -> None:
    """Keys of providers are not checked."""
    given = {**RIGHT, "drydok-bootstrap:protect": "false", "datadog:site": "x"}
    with pytest.raises(SettingsError) as refused:
        parse_bootstrap(given, "x")

    assert str(refused.value).splitlines() == [
        "x: 1 error in the settings",
        "  drydok-bootstrap:protect: unknown setting; did you mean drydock-bootstrap:protect?",
    ]


def test_refuses_a_setting_of_the_environments() -> None:
    """The engine would ignore it."""
    with pytest.raises(SettingsError) as refused:
        parse_bootstrap({**RIGHT, "drydock:protect": "false"}, "x")

    assert str(refused.value).splitlines()[1:] == [
        "  drydock:protect: unknown setting; did you mean drydock-bootstrap:protect?",
    ]


def test_an_encrypted_setting_has_its_own_message() -> None:
    with pytest.raises(SettingsError) as refused:
        parse_bootstrap({**RIGHT, "drydock-bootstrap:accountId": {"secure": "v1:x"}}, "x")

    [line] = str(refused.value).splitlines()[1:]
    assert line.startswith("  accountId: must not be encrypted, because the settings are read without the stack's key")
    assert line.endswith("pulumi config set --path 'drydock-bootstrap:accountId' VALUE")


def test_keys_without_a_namespace_belong_to_the_project(tmp_path: Path) -> None:
    """As the engine reads them."""
    path = tmp_path / "Pulumi.account.yaml"
    path.write_text("config:\n  region: eu-central-1\n  drydock-bootstrap:protect: false\n")

    assert set(load_stack_file(path, "drydock-bootstrap").config) == {
        "drydock-bootstrap:region",
        "drydock-bootstrap:protect",
    }


@settings(deadline=None, max_examples=30)
@given(st.sets(st.sampled_from(sorted(RIGHT))))
def test_reports_all_missing_settings_in_one_message(missing: set[str]) -> None:
    """Each with its description."""
    config = {key: value for key, value in RIGHT.items() if key not in missing}
    if not missing:
        assert parse_bootstrap(config, "x").protect
        return
    with pytest.raises(SettingsError) as refused:
        parse_bootstrap(config, "x")

    lines = str(refused.value).splitlines()[1:]
    assert sorted(line.split(":")[0].strip() for line in lines) == sorted(key.split(":")[1] for key in missing)
    assert all("it is required: " in line for line in lines)
