"""The copy of a stack file for a local cloud, and the state backend of a stack on AWS."""

from pathlib import Path

import pytest
import yaml
from pulumi import automation

from infra.engine import workspace
from infra.engine.stack_file_copy import Overrides, copy_stack_file
from infra.errors import InputError
from infra.toolchain import ensure
from stacks.settings import load_stack_file
from tests.support.engine import Engine

STACK = """\
# a comment
secretsprovider: awskms://alias/pulumi
encryptedkey: abc
config:
  drydock:region: eu-central-1
  drydock:database:
    multiAz: true
"""


def copied(folder: Path, overrides: Overrides) -> dict[str, object]:
    """Return the copy of STACK with the overrides."""
    source = folder / "Pulumi.prod.yaml"
    source.write_text(STACK)
    (folder / "project").mkdir(exist_ok=True)
    copy_stack_file(source, folder / "project", overrides)
    document: dict[str, object] = yaml.safe_load((folder / "project" / "Pulumi.prod.yaml").read_text())
    return document


def test_the_copy_has_the_settings_without_the_secrets_provider(tmp_path: Path) -> None:
    """A rehearsal must not call the KMS key of the real stack."""
    assert copied(tmp_path, {}) == {"config": {"drydock:region": "eu-central-1", "drydock:database": {"multiAz": True}}}
    assert (tmp_path / "Pulumi.prod.yaml").read_text() == STACK


def test_overrides_replace_single_settings(tmp_path: Path) -> None:
    """They are settings at the top and inside an object, also one that was not set."""
    overrides = {
        ("drydock:protect",): False,
        ("drydock:database", "multiAz"): False,
        ("drydock:cluster", "deletionProtection"): False,
    }

    assert copied(tmp_path, overrides)["config"] == {
        "drydock:region": "eu-central-1",
        "drydock:protect": False,
        "drydock:database": {"multiAz": False},
        "drydock:cluster": {"deletionProtection": False},
    }


def test_the_next_copy_keeps_the_encryption_salt(tmp_path: Path) -> None:
    """Without the salt the secrets of the state could not be decrypted."""
    copied(tmp_path, {})
    target = tmp_path / "project" / "Pulumi.prod.yaml"
    target.write_text(target.read_text() + "encryptionsalt: v1:salt\n")

    assert copied(tmp_path, {})["encryptionsalt"] == "v1:salt"


def test_refuses_aws_in_a_shell_that_is_set_to_the_local_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Production would be deployed into the emulation."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")

    with pytest.raises(InputError, match="unset AWS_ENDPOINT_URL"):
        workspace.open_on_aws("prod", Path("pulumi"))


@pytest.mark.parametrize(
    ("environment", "credentials", "expected"),
    [
        ({}, None, ""),
        ({"PULUMI_BACKEND_URL": "s3://states"}, None, "s3://states"),
        ({"PULUMI_BACKEND_URL": "s3://states"}, '{"current": "file://~"}', "s3://states"),
        ({"PULUMI_ACCESS_TOKEN": "t"}, None, "https://api.pulumi.com"),
        ({}, '{"current": "file://~"}', "file://~"),
        ({}, '{"current": ""}', ""),
        ({}, "{", ""),
    ],
)
def test_finds_the_backend_as_the_official_cli_does(
    environment: dict[str, str],
    credentials: str | None,
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The backend comes from the environment or from a login."""
    for name in ("PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if credentials is not None:
        (tmp_path / "credentials.json").write_text(credentials)

    assert workspace.backend_url() == expected


def test_the_copy_has_no_value_encrypted_by_the_stacks_provider(tmp_path: Path) -> None:
    """Encrypted values are replaced, because the passphrase of the copy cannot decrypt them."""
    source = tmp_path / "Pulumi.prod.yaml"
    source.write_text(STACK.replace("config:\n", "config:\n  datadog:apiKey: {secure: v1:x}\n  drydock:protect: yes\n"))
    (tmp_path / "project").mkdir()
    copy_stack_file(source, tmp_path / "project", {})
    config = load_stack_file(tmp_path / "project" / "Pulumi.prod.yaml").config

    assert config["datadog:apiKey"] == "placeholder-for-an-encrypted-value"
    assert config["drydock:protect"] == "yes"


def test_the_engine_on_aws_writes_into_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real engine adds a salt and turns `false` into text in the copy; the user's file is not touched."""
    engine = Engine(tmp_path / "engine")
    stacks = tmp_path / "engine" / "state" / ".pulumi" / "stacks" / "drydock"
    (stacks / "dev.json").write_text((stacks / "test.json").read_text().replace("/test", "/dev"))
    root = tmp_path / "root"
    (root / "infra").mkdir(parents=True)
    (root / "app").mkdir()
    (root / "Pulumi.yaml").write_text("name: drydock\nruntime: python\nmain: infra\n")
    (root / "Pulumi.dev.yaml").write_text("config:\n  drydock:protect: false\n")
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in root.glob("*.yaml")}
    monkeypatch.setattr(workspace, "ROOT", root)
    monkeypatch.setattr(workspace, "STATE", root / ".drydock")
    for name, value in engine.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    opened = workspace.open_on_aws("dev", Path(engine.pulumi))
    assert opened.outputs() == {}
    opened.set_config("drydock:secret", automation.ConfigValue("x", secret=True))
    copy = root / ".drydock" / "aws" / "dev" / "Pulumi.dev.yaml"

    assert "encryptionsalt" in copy.read_text()
    assert 'protect: "false"' in copy.read_text()
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in root.glob("*.yaml")} == before
    workspace.open_on_aws("dev", Path(engine.pulumi))
    assert copy.read_bytes() == before["Pulumi.dev.yaml"][0]


def test_the_engine_writes_no_log(tmp_path: Path) -> None:
    """The real engine creates its log in a folder, and the logs of earlier versions are removed."""
    old = tmp_path / "pulumi-home" / "logs" / "old.log"
    old.parent.mkdir(parents=True)
    old.write_text("password")
    opened = workspace.prepare("dev", ensure({"pulumi"}).pulumi, tmp_path, {}).open()

    assert opened.outputs() == {}
    assert old.parent.read_bytes() == b""
    assert list((tmp_path / "pulumi-home").rglob("*.log")) == []


def test_a_link_in_place_of_the_log_is_removed(tmp_path: Path) -> None:
    """What it leads to is kept, or not created."""
    outside = tmp_path / "outside" / "kept"
    outside.parent.mkdir()
    outside.write_text("kept")
    (tmp_path / "pulumi-home").mkdir()
    for target in (outside.parent, tmp_path / "new"):
        logs = tmp_path / "pulumi-home" / "logs"
        logs.unlink(missing_ok=True)
        logs.symlink_to(target)
        workspace.prepare("dev", Path("pulumi"), tmp_path, {})
        assert not logs.is_symlink()

    assert outside.read_text() == "kept"
    assert not (tmp_path / "new").exists()


@pytest.fixture
def logged_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder without a state backend."""
    for name in ("PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(workspace, "ROOT", tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("name: drydock\nruntime: python\n")
    return tmp_path


def test_a_stack_on_aws_needs_a_state_backend(logged_out: Path) -> None:
    """The message says how to set one, and which command works without one."""
    with pytest.raises(InputError, match=r"no state backend: set PULUMI_BACKEND_URL, .*`drydock preview prod`"):
        workspace.open_on_aws("prod", logged_out / "pulumi")


def test_the_project_may_name_the_state_backend(logged_out: Path) -> None:
    """Its project file is read as by the official CLI."""
    (logged_out / "Pulumi.yaml").write_text("name: drydock\nruntime: python\nbackend:\n  url: s3://states\n")

    assert workspace.backend_url() == "s3://states"
