"""Where Pulumi's own providers are found, and what the engine then gets. The executables are empty files here."""

import os
from importlib.metadata import version
from pathlib import Path

import pytest

from infra.engine import real_providers
from tests.support.clouds import cloud as record_of

CLOUD = record_of(aws_endpoint="http://127.0.0.1:5000", aws_access_key_id="key", aws_secret_access_key="secret")
STAND_INS = {"aws": 1, "docker-build": 2, "kubernetes": 3, "random": 4}


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi"))


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path.parent


def plugin(tmp_path: Path, name: str, number: str) -> Path:
    return executable(tmp_path / "pulumi" / "plugins" / f"resource-{name}-v{number}" / f"pulumi-resource-{name}")


def test_nothing_is_found_where_nothing_is_installed() -> None:
    assert real_providers.installed() == {}
    assert real_providers.attached(STAND_INS, CLOUD) == STAND_INS
    assert real_providers.environment(CLOUD, "/bin") == {}


def test_a_provider_is_found_on_path_and_among_plugins(tmp_path: Path) -> None:
    """PATH comes first, as for the engine."""
    on_path = executable(tmp_path / "bin" / "pulumi-resource-kubernetes")
    plugin(tmp_path, "kubernetes", version("pulumi-kubernetes"))
    random = plugin(tmp_path, "random", version("pulumi-random"))

    assert real_providers.installed() == {"kubernetes": on_path, "random": random}


def test_a_plugin_of_another_version_is_not_the_sdks(tmp_path: Path) -> None:
    plugin(tmp_path, "kubernetes", "3.0.0")
    plugin(tmp_path, "aws", version("pulumi-aws"))

    assert real_providers.installed() == {}


def test_a_real_provider_takes_its_stand_ins_place_where_a_cloud_runs(tmp_path: Path) -> None:
    plugin(tmp_path, "kubernetes", version("pulumi-kubernetes"))

    assert real_providers.attached(STAND_INS, CLOUD) == {"aws": 1, "docker-build": 2, "random": 4}
    assert real_providers.attached(STAND_INS, None) == STAND_INS
    assert real_providers.environment(None, "/bin") == {}


def test_the_engine_finds_the_provider_and_the_provider_the_local_account(tmp_path: Path) -> None:
    """No key or profile of the user's reaches it."""
    folder = plugin(tmp_path, "kubernetes", version("pulumi-kubernetes"))

    found = real_providers.environment(CLOUD, "/bin")

    assert found.pop("PATH").split(os.pathsep) == [str(real_providers.AWS_CLI), str(folder), "/bin"]
    assert found == {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:5000",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_PROFILE": "",
    }
