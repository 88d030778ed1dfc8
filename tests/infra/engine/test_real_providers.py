"""Where Pulumi's own providers are found, and what the engine then gets. The executables are empty files here."""

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


def test_nothing_is_found_where_nothing_is_installed() -> None:
    assert real_providers.installed() == {}
    assert real_providers.attached(STAND_INS, {}) == STAND_INS
    assert real_providers.environment({}, CLOUD, "/bin") == {}


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


def test_a_provider_that_was_built_is_found_unless_another_one_is_installed(tmp_path: Path) -> None:
    built = tmp_path / "cache" / "drydock" / "tools" / KUBERNETES_PROVIDER.key / "bin"
    executable(built / "pulumi-resource-kubernetes")
    assert real_providers.installed() == {"kubernetes": built}

    on_path = executable(tmp_path / "bin" / "pulumi-resource-kubernetes")
    assert real_providers.installed() == {"kubernetes": on_path}


def test_a_real_provider_takes_its_stand_ins_place() -> None:
    real = {"kubernetes": Path("/opt/pulumi")}

    assert real_providers.attached(STAND_INS, real) == {"aws": 1, "docker-build": 2, "random": 4}


def test_says_which_provider_is_real_and_which_a_stand_in() -> None:
    real = {"kubernetes": Path("/opt/pulumi")}

    assert real_providers.described(STAND_INS, {}) == ["aws, docker-build, kubernetes, random: stand-ins"]
    assert real_providers.described(STAND_INS, real) == [
        "kubernetes: Pulumi's own, from /opt/pulumi",
        "aws, docker-build, random: stand-ins",
    ]


def test_the_engine_finds_the_provider_and_the_provider_the_local_account() -> None:
    """No key or profile of the user's reaches it."""
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
