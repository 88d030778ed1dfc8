"""The bundled service in every committed stack: secrets, settings and network access."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from components.manifests.pod import CONTAINER_PORT
from infra.policy.rules.no_literal_secret import RULE as NO_LITERAL_SECRET
from infra.program import APP
from stacks import bundled
from stacks.build import build
from stacks.settings import SettingsError, parse_settings, read_stack_file, stack_names
from stacks.settings.service import SERVICE_PORT
from tests.infra.policy.judge import Given, violations
from tests.support.builders import ROOT
from tests.support.recorder import Recording, record

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
PROVIDER_CLASS = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass"
Whole = Callable[[str], Recording]
every_stack = pytest.mark.parametrize("stack", stack_names(ROOT))


@every_stack
def test_pods_reach_the_queue(whole: Whole, stack: str) -> None:
    """Their network policy allows access to AWS only through endpoints in the VPC, so there is one for SQS."""
    recording = whole(stack)

    assert recording.only("aws:ec2/vpcEndpoint:VpcEndpoint", "network-sqs").inputs["privateDnsEnabled"] is True


@pytest.mark.parametrize("stack", ["local", "prod"])
def test_without_jobs_there_are_no_workers(monkeypatch: pytest.MonkeyPatch, stack: str) -> None:
    """A service without jobs sets WORKER to None. The role keeps its permission for the queue."""
    monkeypatch.setattr(bundled, "WORKER", None)
    settings = read_stack_file(ROOT / f"Pulumi.{stack}.yaml")

    recording = record(lambda: build(settings, stack, APP), stack)

    assert recording.names("kubernetes:apps/v1:Deployment") == ["workload-deployment"]
    assert [each.name for each in recording.resources.values() if "worker" in each.name] == ["jobs-worker"]


@every_stack
def test_the_token_for_faults_exists_only_with_the_setting(whole: Whole, stack: str) -> None:
    """The token is generated, and mounted as a file."""
    recording = whole(stack)

    files = {each["objectAlias"] for each in mounted(recording)}
    assert ("FAULT_TOKEN" in files) == read_stack_file(ROOT / f"Pulumi.{stack}.yaml").service.fault_injection
    assert ("mounted-secrets-fault-token" in recording.names("random:index/randomPassword:RandomPassword")) == (
        "FAULT_TOKEN" in files
    )


def mounted(recording: Recording) -> list[dict[str, str]]:
    """Return the objects that the pods mount, as the driver reads them."""
    specs = [each.inputs["spec"] for each in recording.all(PROVIDER_CLASS) if each.name == "workload-secrets"]
    return [each for spec in specs for each in json.loads(spec["parameters"]["objects"])]


@every_stack
def test_no_secret_is_stored_in_kubernetes(whole: Whole, stack: str) -> None:
    """No object of the cluster has a credential, and the driver copies none into a Secret."""
    recording = whole(stack)
    driver = recording.only("aws:eks/addon:Addon", "mounted-secrets-driver").inputs

    assert recording.all("kubernetes:core/v1:Secret") == []
    assert len(recording.all(PROVIDER_CLASS)) >= 1
    assert not any("secretObjects" in each.inputs["spec"] for each in recording.all(PROVIDER_CLASS))
    assert driver["addonName"] == "aws-secrets-store-csi-driver-provider"
    assert json.loads(driver["configurationValues"]) == {
        "secrets-store-csi-driver": {"enableSecretRotation": True, "rotationPollInterval": "2m"}
    }


def _workload_of(**sections: Any) -> Recording:
    network = {"availabilityZones": ["a", "b"], "peerCidrs": ["10.9.0.0/16"]}
    settings = parse_settings({"region": "us-east-1", "network": network, **sections}, "Pulumi.sandbox.yaml")
    return record(lambda: build(settings, "sandbox", APP), "sandbox")


def _policy(recording: Recording, role: str) -> dict[str, Any]:
    return recording.only("kubernetes:networking.k8s.io/v1:NetworkPolicy", f"workload-{role}").inputs["spec"]


@pytest.mark.parametrize(
    ("edge", "clients"),
    [
        ({}, {(80, "10.0.0.0/16"), (80, "10.9.0.0/16")}),
        ({"scheme": "internet-facing", "domain": "api.example.com"}, {(80, "0.0.0.0/0"), (443, "0.0.0.0/0")}),
    ],
    ids=["internal", "internet-facing"],
)
def test_only_the_load_balancer_reaches_the_servers(edge: dict[str, str], clients: set[tuple[int, str]]) -> None:
    """Clients connect to the load balancer, and the network policy allows connections from its subnets only."""
    recording = _workload_of(edge=edge)
    (ingress,) = _policy(recording, "server-ingress")["ingress"]
    rules = [rule for rule in recording.all(INGRESS_RULE) if rule.name.startswith("edge-http")]

    assert {(rule.inputs["fromPort"], rule.inputs["cidrIpv4"]) for rule in rules} == clients
    assert ingress["from"] == [{"ipBlock": {"cidr": cidr}} for cidr in ("10.0.16.0/22", "10.0.48.0/22")]
    assert [port["port"] for port in ingress["ports"]] == [8080]


@pytest.mark.parametrize(
    ("service", "says"),
    [
        (
            {"environment": {"DB_HOST": "x"}},
            "environment: must not have DB_HOST, which is set by Drydock, from the database",
        ),
        ({"environment": {"LOG_LEVEL": "x"}}, "environment: must not have LOG_LEVEL, which is set by service.logLevel"),
        ({"environment": {"AUTH_ISSUER": "x"}}, "must not have AUTH_ISSUER, which is set by service.auth"),
        ({"environment": {"AWS_ACCESS_KEY_ID": "x"}}, "which is set by EKS Pod Identity or region"),
        ({"secrets": {"DB_PASSWORD": "x"}}, "secrets: must not have DB_PASSWORD"),
        ({"secrets": {"FAULT_TOKEN": "x"}}, "which is set by service.faultInjection"),
        ({"secrets": {"A": "x"}, "environment": {"A": "y"}}, "environment: must not have A, which is also in secrets"),
        ({"secrets": {"api-key": "x"}}, "capital letters"),
        ({"secrets": {"A": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:mail-AbCdEf"}}, "not an ARN"),
        ({"secrets": {"A": ""}}, "the name of a secret"),
        ({"environment": {"A": "two\nlines"}}, "on one line"),
        ({"environment": {"A": ""}}, "1 to 4096 characters"),
        ({"environment": {"AWS_ENDPOINT_URL_SQS": "x"}}, "must not have AWS_ENDPOINT_URL_SQS, which"),
        ({"environment": {"ADMIN_PORT": "9090"}}, "which is set by service.adminPort"),
        ({"adminPort": 8080}, "adminPort: must be another port than 8080"),
        ({"adminPort": 80}, "adminPort: must be 1024 or more"),
        ({"adminNamespaces": ["monitoring"]}, "adminNamespaces: must not be set without adminPort"),
        ({"adminPort": 9090, "adminNamespaces": ["a", "a"]}, "adminNamespaces: must name each namespace once"),
        ({"auth": {"jwksUrl": "https://id.example/keys"}}, "issuer"),
        ({"auth": {"jwksUrl": "keys", "issuer": "a", "audience": "b"}}, "jwksUrl"),
    ],
)
def test_refuses_reserved_variables_and_wrong_settings(service: dict[str, Any], says: str) -> None:
    """The message names the setting that sets the variable, or the accepted values."""
    with pytest.raises(SettingsError, match=says):
        parse_settings({"region": "us-east-1", "service": service}, "Pulumi.sandbox.yaml")


def test_authentication_sets_the_variables_and_opens_the_port_of_the_key_set() -> None:
    """The ConfigMap has the three settings, and the egress policy has the port of the key set."""
    auth = {"jwksUrl": "https://id.example:8443/keys", "issuer": "https://id.example", "audience": "drydock"}
    recording = _workload_of(service={"auth": auth, "environment": {"JOB_RESEND_SECONDS": "60"}})

    data = recording.only(CONFIG_MAP, "workload-config").inputs["data"]
    assert {name: value for name, value in data.items() if name.startswith("AUTH_")} == {
        "AUTH_JWKS_URL": auth["jwksUrl"],
        "AUTH_ISSUER": auth["issuer"],
        "AUTH_AUDIENCE": auth["audience"],
    }
    assert data["JOB_RESEND_SECONDS"] == "60"
    ports = [port["port"] for rule in _policy(recording, "app-egress")["egress"] for port in rule["ports"]]
    assert 8443 in ports


def test_the_policy_finds_a_secret_in_the_environment() -> None:
    """It is found by its name or its form, and the message does not contain the value."""
    environment = {
        "MAIL_PASSWORD": "hunter2",
        "PARTNER": "https://api:hunter2@partner.example/",
        "MAIL_FROM": "a@b.example",
    }
    data = _workload_of(service={"environment": environment}).only(CONFIG_MAP, "workload-config").inputs["data"]

    found = "\n".join(violations(NO_LITERAL_SECRET, Given(type=CONFIG_MAP, properties={"data": data})))
    assert "data MAIL_PASSWORD is a secret in plain text" in found
    assert "data PARTNER is a secret in plain text" in found
    assert found.count("is a secret in plain text") == 2
    assert "hunter2" not in found


def test_dependencies_set_variables_and_open_ports() -> None:
    """With the settings, the service has their URLs and egress to their ports; without them it has neither."""
    urls = {"upstreamUrl": "https://partner.example/api", "otlpEndpoint": "http://collector.monitoring:4318"}
    with_both, with_none = _workload_of(service=urls), _workload_of()

    def config(recording: Recording) -> dict[str, str]:
        return recording.only(CONFIG_MAP, "workload-config").inputs["data"]

    def anywhere(recording: Recording) -> list[int]:
        rules = _policy(recording, "app-egress")["egress"]
        opened = [rule for rule in rules for peer in rule.get("to", []) if peer["ipBlock"]["cidr"] == "0.0.0.0/0"]
        return [port["port"] for rule in opened for port in rule["ports"]]

    assert config(with_both)["UPSTREAM_URL"] == urls["upstreamUrl"]
    assert config(with_both)["OTEL_EXPORTER_OTLP_ENDPOINT"] == urls["otlpEndpoint"]
    assert anywhere(with_both) == [443, 4318]
    assert not {"UPSTREAM_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"} & set(config(with_none))
    assert anywhere(with_none) == []


def test_settings_and_components_have_the_same_service_port() -> None:
    """The settings cannot import it from the components, which load the provider SDKs."""
    assert SERVICE_PORT == CONTAINER_PORT
