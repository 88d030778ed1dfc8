"""compose.yaml, checked without Docker."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from moto import mock_aws

from app.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]


def resolved(text: str) -> str:
    """Return the text with the defaults of its variables."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def test_every_command_exists() -> None:
    """In the help of `python -m app`."""
    help_text = subprocess.run([sys.executable, "-m", "app", "--help"], capture_output=True, text=True, check=True)
    commands = {
        word for service in map(SERVICES.get, OURS) if "entrypoint" not in service for word in service["command"]
    }

    assert commands == {"serve", "worker", "migrate"}
    assert all(command in help_text.stdout for command in commands)


def test_ports_are_published_on_loopback_only() -> None:
    """The default password is public."""
    ports = [resolved(port) for service in SERVICES.values() for port in service.get("ports", [])]

    assert sorted(ports) == ["127.0.0.1:5432:5432", "127.0.0.1:8080:8080"]


@pytest.mark.parametrize("name", SERVICES)
def test_containers_are_unprivileged(name: str) -> None:
    """All but the database, whose entrypoint starts as root, have a read-only root and no capabilities."""
    service = SERVICES[name]

    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert name == "db" or (service["read_only"] and "cap_add" not in service)


@pytest.mark.parametrize("name", SERVICES)
def test_containers_wait_for_their_dependencies(name: str) -> None:
    """Until a server is healthy, or a job has succeeded."""
    for other, how in SERVICES[name].get("depends_on", {}).items():
        ends = SERVICES[other]["restart"] == "on-failure"
        checked = "healthcheck" in SERVICES[other]

        assert how["condition"] == ("service_completed_successfully" if ends else "service_healthy")
        assert ends or checked


def test_all_settings_are_settings_of_the_service() -> None:
    """A misspelled setting would be ignored."""
    names = {name for name in SERVICES["api"]["environment"] if not name.startswith("AWS_")}
    values = {name.lower(): resolved(str(SERVICES["api"]["environment"][name])) for name in names}

    assert names <= {field.upper() for field in Settings.model_fields}
    assert Settings(**values).db_host == "db"  # type: ignore[arg-type]


def test_the_target_is_a_stage_of_the_dockerfile() -> None:
    """The default is that of production."""
    target = resolved(SERVICES["api"]["build"]["target"])

    assert target == "production"
    assert f" AS {target}\n" in (ROOT / "app" / "Dockerfile").read_text()


def test_the_emulated_queue_has_the_version_of_moto_in_the_tests() -> None:
    """It is the version in requirements.lock."""
    version = SERVICES["queue"]["image"].partition(":")[2]

    assert f"moto=={version} " in (ROOT / "requirements.lock").read_text()


@mock_aws
def test_creates_the_queues_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The script of `queues` runs here on moto. SQS allows at least as many receipts as the service has attempts."""
    environment = SERVICES["queues"]["environment"]
    for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, environment[name])
    exec(SERVICES["queues"]["command"][0], {})

    sqs = boto3.client("sqs")
    made = {url.rpartition("/")[2]: url for url in sqs.list_queues()["QueueUrls"]}
    assert set(made) == {environment[name].rpartition("/")[2] for name in ("QUEUE_URL", "DEAD_LETTER_QUEUE_URL")}
    policy = sqs.get_queue_attributes(QueueUrl=made["jobs"], AttributeNames=["RedrivePolicy"])["Attributes"]
    assert int(re.search(r"\d+(?=})", policy["RedrivePolicy"])[0]) >= Settings.model_fields["job_max_attempts"].default  # type: ignore[index]
