"""Pulumi's own providers are found, and replace the stand-ins. Mocked: the executables, by empty files."""

import os
from importlib.metadata import version
from pathlib import Path

import pytest

from infra.engine import real_providers
from infra.toolchain.pins import KUBERNETES_PROVIDER
from tests.support.clouds import cloud as record_of

CLOUD = record_of(aws_endpoint="http://127.0.0.1:5000", aws_access_key_id="key", aws_secret_access_key="secret")
STAND_INS = {"aws": 1, "docker-build": 2, "kubernetes": 3, "random": 4}


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path.parent


def plugin(tmp_path: Path, name: str, number: str) -> Path:
    return executable(tmp_path / "pulumi" / "plugins" / f"resource-{name}-v{number}" / f"pulumi-resource-{name}")


def test_finds_nothing_if_nothing_is_installed() -> None:
    assert real_providers.installed() == {}
    assert real_providers.attached(STAND_INS, {}) == STAND_INS
    assert real_providers.environment({}, CLOUD, "/bin") == {}


def test_finds_providers_on_path_and_among_plugins(tmp_path: Path) -> None:
    """PATH has precedence, as in the engine."""
    on_path = executable(tmp_path / "bin" / "pulumi-resource-kubernetes")
    plugin(tmp_path, "kubernetes", version("pulumi-kubernetes"))
    random = plugin(tmp_path, "random", version("pulumi-random"))

    assert real_providers.installed() == {"kubernetes": on_path, "random": random}


def test_ignores_a_plugin_of_another_version_than_the_sdk(tmp_path: Path) -> None:
    plugin(tmp_path, "kubernetes", "3.0.0")
    plugin(tmp_path, "aws", version("pulumi-aws"))

    assert real_providers.installed() == {}


def test_prefers_an_installed_provider_to_a_built_one(tmp_path: Path) -> None:
    built = tmp_path / "cache" / "drydock" / "tools" / KUBERNETES_PROVIDER.key / "bin"
    executable(built / "pulumi-resource-kubernetes")
    assert real_providers.installed() == {"kubernetes": built}

    on_path = executable(tmp_path / "bin" / "pulumi-resource-kubernetes")
    assert real_providers.installed() == {"kubernetes": on_path}


def test_a_real_provider_replaces_its_stand_in() -> None:
    real = {"kubernetes": Path("/opt/pulumi")}

    assert real_providers.attached(STAND_INS, real) == {"aws": 1, "docker-build": 2, "random": 4}


def test_describes_which_provider_is_real_and_which_a_stand_in() -> None:
    real = {"kubernetes": Path("/opt/pulumi")}

    assert real_providers.described(STAND_INS, {}) == ["aws, docker-build, kubernetes, random: stand-ins"]
    assert real_providers.described(STAND_INS, real) == [
        "kubernetes: Pulumi's own, from /opt/pulumi",
        "aws, docker-build, random: stand-ins",
    ]


def test_the_environment_leads_to_the_provider_and_the_local_account() -> None:
    """No key or profile of the user reaches the provider."""
    found = real_providers.environment({"kubernetes": Path("/opt/pulumi")}, CLOUD, "/bin")

    assert found.pop("PATH").split(os.pathsep) == [str(real_providers.AWS_CLI), "/opt/pulumi", "/bin"]
    assert found == {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:5000",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }
