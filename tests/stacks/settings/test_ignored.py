"""Keys of providers that the program configures itself are refused, with what to use instead."""

from pathlib import Path

import pytest

from bootstrap.settings import parse_bootstrap
from infra.load_config import load_config
from stacks.settings import SettingsError, read_stack_file

BOOTSTRAP = {
    "drydock-bootstrap:region": "eu-central-1",
    "drydock-bootstrap:accountId": "123456789012",
    "drydock-bootstrap:repository": "octo-org/octo-repo",
}


def of_file(folder: Path, key: str) -> str:
    path = folder / "Pulumi.test.yaml"
    path.write_text(f"config:\n  drydock:region: eu-central-1\n  {key}: x\n")
    with pytest.raises(SettingsError) as refused:
        read_stack_file(path)
    [line] = str(refused.value).splitlines()[1:]
    return line.strip()


def of_program(key: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load_config("test", {"drydock:region": "eu-central-1", key: "x"})
    [line] = str(refused.value).splitlines()[1:]
    return line.strip()


def of_bootstrap(key: str) -> str:
    with pytest.raises(SettingsError) as refused:
        parse_bootstrap({**BOOTSTRAP, key: "x"}, "bootstrap/Pulumi.account.yaml")
    [line] = str(refused.value).splitlines()[1:]
    return line.strip()


@pytest.mark.parametrize(
    ("key", "instead"),
    [
        ("aws:profile", "use the environment variable AWS_PROFILE instead"),
        ("aws:accessKey", "use the environment variable AWS_ACCESS_KEY_ID instead"),
        ("aws:region", "use drydock:region instead"),
        ("aws:defaultTags", "use drydock:tags instead"),
        ("aws:allowedAccountIds", "use drydock:accountId instead"),
        ("aws:skipMetadataApiCheck", "remove it"),
        ("aws:rgion", "remove it"),
        ("kubernetes:kubeconfig", "remove it"),
        ("kubernetes:context", "remove it"),
    ],
)
def test_a_key_that_the_program_ignores_is_refused(tmp_path: Path, key: str, instead: str) -> None:
    provider = "aws" if key.startswith("aws") else "Kubernetes"
    expected = f"{key}: has no effect, because the program configures its own {provider} provider; {instead}"

    assert of_file(tmp_path, key) == of_program(key) == expected


@pytest.mark.parametrize(
    ("key", "instead"),
    [
        ("aws:region", "use drydock-bootstrap:region instead"),
        ("aws:allowedAccountIds", "use drydock-bootstrap:accountId instead"),
        ("aws:profile", "use the environment variable AWS_PROFILE instead"),
        ("aws:assumeRoles", "use credentials of an administrator of the account, such as AWS_PROFILE instead"),
        ("aws:defaultTags", "remove it"),
    ],
)
def test_the_program_of_the_account_refuses_them_too(key: str, instead: str) -> None:
    assert of_bootstrap(key) == (
        f"{key}: has no effect, because the program configures its own aws provider; {instead}"
    )


@pytest.mark.parametrize(
    "key", ["pulumi:tags", "pulumi:disable-default-providers", "datadog:apiKey", "docker-build:host"]
)
def test_other_namespaces_are_accepted(tmp_path: Path, key: str) -> None:
    path = tmp_path / "Pulumi.test.yaml"
    path.write_text(f"config:\n  drydock:region: eu-central-1\n  {key}: x\n")

    assert read_stack_file(path).region == load_config("test", {"drydock:region": "eu-central-1", key: "x"}).region
    assert parse_bootstrap({**BOOTSTRAP, key: "x"}, "x").region


def test_it_is_reported_with_the_other_errors(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.test.yaml"
    path.write_text("config:\n  drydock:region: mars\n  aws:region: eu-central-1\n  aws:config:profile: x\n")
    with pytest.raises(SettingsError, match="3 errors") as refused:
        read_stack_file(path)

    lines = str(refused.value).splitlines()[1:]
    assert [line.split()[0] for line in lines] == ["region:", "aws:region:", "aws:profile:"]
