"""no-literal-secret."""

import base64
import json

import pytest

from infra.policy.rules.no_literal_secret import RULE
from tests.infra.policy.compliant import CONFIG_MAP, CONTAINER, DEPLOYMENT
from tests.infra.policy.judge import Given, violations

LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
SCRIPT = "#!/bin/sh\nexport AWS_ACCESS_KEY_ID=AKIA" + "A" * 16


def test_accepts_settings() -> None:
    """Paths of secrets, log levels and numbers are not secret."""
    assert violations(RULE, CONFIG_MAP, DEPLOYMENT) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "correct horse"),
        ("api-key", "0123"),
        ("githubToken", "hunter2"),
        ("UPSTREAM", "https://user:hunter2@example.com/"),
        ("DATABASE_URL", "postgresql://api:hunter2@db:5432/api"),
        ("tls.pem", "-----BEGIN PRIVATE KEY-----\nMIIE"),
        ("NOTE", "use AKIA" + "B" * 16),
    ],
)
def test_rejects_secrets_by_name_or_form(name: str, value: str) -> None:
    """They are found in a ConfigMap and in a variable; the message does not contain the value."""
    in_map = violations(RULE, CONFIG_MAP.but("data", {name: value}))
    in_variable = violations(RULE, DEPLOYMENT.but(CONTAINER + "env.0", {"name": name, "value": value}))

    assert len(in_map) == len(in_variable) == 1
    assert f"data {name} is a secret" in in_map[0]
    assert f"container server, variable {name} is a secret" in in_variable[0]
    assert value not in in_map[0] + in_variable[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRETS_DIR", "/run/secrets/app"),
        ("TOKEN_PATH", "/var/run/token"),
        ("DB_PASSWORD", ""),
        ("API_BASE_URL", "https://api.example.com/"),
    ],
)
def test_accepts_references_to_secrets(name: str, value: str) -> None:
    """The location of a secret, or an empty value, is not secret."""
    assert violations(RULE, CONFIG_MAP.but("data", {name: value})) == []


def test_accepts_a_variable_that_refers_to_a_secret() -> None:
    """`valueFrom` contains no value."""
    reference = {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}

    assert violations(RULE, DEPLOYMENT.but(CONTAINER + "env.0", reference)) == []


@pytest.mark.parametrize("script", [SCRIPT, base64.b64encode(SCRIPT.encode()).decode()], ids=["text", "base64"])
def test_rejects_a_secret_in_a_start_script(script: str) -> None:
    """Every process on the machine can read the user data."""
    assert len(violations(RULE, Given(type=LAUNCH_TEMPLATE, properties={"userData": script}))) == 1


def test_accepts_a_start_script_without_secret() -> None:
    """A start script by itself is accepted."""
    assert violations(RULE, Given(type=LAUNCH_TEMPLATE, properties={"userData": "#!/bin/sh\nuptime"})) == []


@pytest.mark.parametrize("key", ["command", "args"])
def test_rejects_a_secret_in_an_argument(key: str) -> None:
    """Arguments are as visible as variables."""
    [message] = violations(RULE, DEPLOYMENT.but(CONTAINER + key, ["serve", "--db-password=hunter2"]))

    assert f"container server: {key} holds a secret" in message


def test_rejects_a_secret_in_binary_data() -> None:
    """The values are base64."""
    data = {"app.env": base64.b64encode(b"DB_PASSWORD=hunter2").decode(), "logo": "AAAA"}
    [message] = violations(RULE, Given(type=CONFIG_MAP.type, properties={"binaryData": data}))

    assert "binaryData app.env is a secret" in message


def test_rejects_a_secret_of_a_function_or_a_task() -> None:
    """Their variables are visible in the console of AWS."""
    function = Given(
        type="aws:lambda/function:Function", properties={"environment": {"variables": {"DB_PASSWORD": "hunter2"}}}
    )
    containers = [{"name": "api", "environment": [{"name": "DB_PASSWORD", "value": "hunter2"}]}]
    task = Given(
        type="aws:ecs/taskDefinition:TaskDefinition", properties={"containerDefinitions": json.dumps(containers)}
    )

    assert "environment.variables DB_PASSWORD is a secret" in violations(RULE, function)[0]
    assert "container api, variable DB_PASSWORD is a secret" in violations(RULE, task)[0]
