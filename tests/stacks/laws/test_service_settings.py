"""The settings that a stack passes to the service, read with the service's own code."""

import json
from pathlib import Path

import pytest
from cryptography import x509
from fastapi import FastAPI
from pydantic import AnyHttpUrl
from starlette.routing import Match

from app.api import create_app
from app.settings import Settings, load_settings
from stacks.settings.reserved import SET_BY
from tests.support.builders import ROOT
from tests.support.recorder import Recorded
from tests.support.services import DEPLOYMENT, bundled, services_of
from tests.support.worlds import STACKS, World, every_stack, every_world, world_of

CONFIG = "kubernetes:core/v1:ConfigMap"
PROVIDER_CLASS = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass"
AUTHORITIES = ROOT / "app/rds-ca.pem"
SUBNET, TARGETS = "aws:ec2/subnet:Subnet", "aws:lb/targetGroup:TargetGroup"
QUEUE_OF_DEAD = "DEAD_LETTER_QUEUE_URL"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


def _load(world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Read the recorded ConfigMap as variables and the mounted secrets as files, as in a pod."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    data = mounted_values(world)
    for name, value in data.items():
        (folder / name).write_text(value)
    config = world.only(CONFIG, "workload-config").inputs["data"]
    for pods in bundled(world).all(world, DEPLOYMENT):
        (container,) = pods.inputs["spec"]["template"]["spec"]["containers"]
        folders = [each["value"] for each in container["env"] if each["name"] == "SECRETS_DIR"]
        assert folders == (["/run/secrets/app"] if data else [])
    # The service knows all variables but those that SDKs read, and those that the stack file adds.
    own = {*world.settings.service.secrets, *world.settings.service.environment}
    unknown = {*config, *data} - own - {*SET_BY}
    assert not unknown, f"add {unknown} to SET_BY in stacks/settings/reserved.py"
    assert world.settings.service.environment.items() <= config.items()
    unread = {name.lower() for name in {*config, *data} - own} - set(Settings.model_fields)
    assert unread == {"aws_region"}, "add each other variable to the settings of the service in app/settings/"
    for name, value in {**config, **({"SECRETS_DIR": str(folder)} if data else {})}.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def _public_subnets(world: World) -> list[Recorded]:
    """Return the subnets of the load balancer, which forwards the address of the client."""
    return [subnet for subnet in world.all(SUBNET) if subnet.name.startswith("network-public-")]


def mounted_values(world: World) -> dict[str, str]:
    """Return file -> value of the mounted secrets; secrets that the program does not create have a made-up value."""
    classes = [each for each in world.all(PROVIDER_CLASS) if each.name == "workload-secrets"]
    objects = json.loads(classes[0].inputs["spec"]["parameters"]["objects"]) if classes else []
    made = {each.inputs["secretId"]: each.inputs["secretString"] for each in world.all(VERSION)}
    return {each["objectAlias"]: made.get(each["objectName"], "another's secret") for each in objects}


@every_world
def test_the_service_reads_the_settings_of_the_stack(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every setting of the stack arrives with its value, and all others have the service's default."""
    wanted, instance = world.settings, world.only("aws:rds/instance:Instance").inputs

    loaded = _load(world, tmp_path, monkeypatch)

    given = loaded.model_dump(mode="json", exclude_unset=True)
    given.pop("secrets_dir", None)
    drilled = given.pop("fault_token", None)
    url = "https://sqs.eu-central-1.amazonaws.com/123456789012/"
    assert given == {
        "db_host": f"drydock-{world.name}.rds.amazonaws.com",
        "db_port": instance["port"],
        "db_name": instance["dbName"],
        "db_user": "service",
        "db_auth": "iam",
        "db_sslmode": wanted.database.ssl_mode,
        "environment": world.name,
        "log_level": wanted.service.log_level,
        "max_connections": wanted.service.max_connections,
        "rate_limit_per_second": wanted.service.rate_limit_per_second,
        "queue_url": f"{url}jobs-queue",
        "dead_letter_queue_url": f"{url}jobs-dead-letters",
        "job_max_attempts": 5,
        "job_visibility_seconds": 60,
        "port": 8080,
        "drain_seconds": wanted.service.drain_seconds,
        "shutdown_grace_seconds": wanted.service.shutdown_seconds,
        "keep_alive_seconds": 75,  # longer than the load balancer's 60
        **({"trusted_hops": 1} if wanted.edge.cloudfront else {}),
        "trusted_proxy_cidrs": [subnet.inputs["cidrBlock"] for subnet in _public_subnets(world)],
        **{
            name: str(AnyHttpUrl(value))
            for name, value in (
                ("upstream_url", wanted.service.upstream_url),
                ("otel_exporter_otlp_endpoint", wanted.service.otlp_endpoint),
                ("auth_jwks_url", wanted.service.auth and wanted.service.auth.jwks_url),
            )
            if value
        },
        **({"admin_port": wanted.service.admin_port} if wanted.service.admin_port else {}),
        **(
            {"auth_issuer": wanted.service.auth.issuer, "auth_audience": wanted.service.auth.audience}
            if wanted.service.auth
            else {}
        ),
    }
    assert instance["username"] != "service"
    assert (drilled is not None) == (loaded.fault_token is not None) == wanted.service.fault_injection
    assert world.only(CONFIG, "workload-config").inputs["data"]["AWS_REGION"] == wanted.region


@every_stack
def test_pods_verify_the_database_with_the_certificates_of_their_image(world: World) -> None:
    """TLS mode `verify-full`, PGSSLROOTCERT of the image, which has the authority of the instance in its region."""
    config = world.only(CONFIG, "workload-config").inputs["data"]
    pods = [
        each.inputs["spec"]["template"]["spec"]
        for kind in ("apps/v1:Deployment", "batch/v1:Job")
        for each in world.all(f"kubernetes:{kind}")
        if each.inputs["metadata"]["labels"]["app.kubernetes.io/name"] == "api"
    ]
    variables = {each["name"] for pod in pods for part in pod["containers"] for each in part["env"]}

    assert len(pods) >= (3 if bundled(world).workers else 2), "server, migration and, if any, workers"
    assert config["DB_SSLMODE"] == "verify-full"
    assert not {"DB_SSLMODE", "PGSSLMODE", "PGSSLROOTCERT"} & variables
    assert not {"PGSSLMODE", "PGSSLROOTCERT"} & set(config)
    assert world.only("aws:rds/instance:Instance").inputs["caCertIdentifier"] == "rds-ca-rsa2048-g1"
    subjects = [each.subject.rfc4514_string() for each in x509.load_pem_x509_certificates(AUTHORITIES.read_bytes())]
    assert any(f"CN=Amazon RDS {world.settings.region} Root CA RSA2048 G1," in each for each in subjects)


@every_world
def test_queue_timeouts_fit_the_jobs_of_the_service(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message is invisible for longer than an attempt, and kept for longer than the service's resend interval.

    Each service uses its own queue.
    """
    loaded = _load(world, tmp_path, monkeypatch)

    queue = world.owner(str(loaded.queue_url)).inputs
    assert world.owner(str(loaded.dead_letter_queue_url)).name == "jobs-dead-letters"
    assert loaded.job_visibility_seconds > loaded.job_timeout_seconds + 10
    assert loaded.job_max_attempts <= 10
    # A message must still be in the queue when the service sends it again.
    assert queue["messageRetentionSeconds"] > loaded.job_resend_seconds
    for service in services_of(world):
        told = service.config(world)
        urls = {part: told.get(name) for part, name in (("queue", "QUEUE_URL"), ("dead-letters", QUEUE_OF_DEAD))}
        owners = {part: world.owner(url).name for part, url in urls.items() if url}
        assert owners == ({part: f"{service.queue}-{part}" for part in urls} if service.queue else {})


@pytest.mark.parametrize("world", ["prod"], indirect=True)
def test_the_service_serves_the_paths_of_the_probes(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a missing path, a pod would never be ready."""
    loaded = _load(world, tmp_path, monkeypatch)
    apps = {"serve": create_app(loaded)}
    if bundled(world).workers:
        from app.worker import create_worker  # noqa: PLC0415 - deleted together with the jobs

        apps["worker"], _crew = create_worker(loaded)

    for deployment in bundled(world).all(world, DEPLOYMENT):
        (container,) = deployment.inputs["spec"]["template"]["spec"]["containers"]
        asked = {container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")}
        assert [path for path in asked if not _serves(apps[container["args"][0]], path)] == []
    assert _serves(apps["serve"], world.only(TARGETS, "edge-pods").inputs["healthCheck"]["path"])
    assert not any(_serves(app, "/health/other") for app in apps.values())


def _serves(app: FastAPI, path: str) -> bool:
    scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    return any(route.matches(scope)[0] is Match.FULL for route in app.routes)


def test_faults_are_injected_in_disposable_stacks_only() -> None:
    """Fault injection is on in dev and local, and off in staging and prod."""
    drilled = {stack for stack in STACKS if world_of(stack).settings.service.fault_injection}

    assert {"dev", "local"} <= drilled
    assert not {"staging", "prod"} & drilled
