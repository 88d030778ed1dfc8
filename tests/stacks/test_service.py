"""The service in every committed stack: what its parts agree on, and who reaches what."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.program import APP
from stacks.build import build
from stacks.settings import parse_settings, stack_names
from tests.support.builders import ROOT
from tests.support.recorder import Recording, record

INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
PROVIDER_CLASS = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass"
Whole = Callable[[str], Recording]
every_stack = pytest.mark.parametrize("stack", stack_names(ROOT))


@every_stack
def test_pods_reach_the_queue(whole: Whole, stack: str) -> None:
    """Their network policy opens no way to AWS but the endpoints in the VPC, so there is one for SQS."""
    recording = whole(stack)

    assert recording.only("aws:ec2/vpcEndpoint:VpcEndpoint", "network-sqs").inputs["privateDnsEnabled"] is True


@every_stack
def test_faults_are_injected_where_nobody_works_only(whole: Whole, stack: str) -> None:
    """The token is generated, and is a file of the pods."""
    recording = whole(stack)

    files = {each["objectAlias"] for each in mounted(recording)}
    assert ("FAULT_TOKEN" in files) == (stack in {"dev", "local"})
    assert ("mounted-secrets-fault-token" in recording.names("random:index/randomPassword:RandomPassword")) == (
        "FAULT_TOKEN" in files
    )


def mounted(recording: Recording) -> list[dict[str, str]]:
    """Give what the pods mount, as the driver reads it."""
    spec = recording.only(PROVIDER_CLASS).inputs["spec"]
    found: list[dict[str, str]] = json.loads(spec["parameters"]["objects"])
    return found


@every_stack
def test_no_secret_is_kept_in_kubernetes(whole: Whole, stack: str) -> None:
    """Whoever may read the cluster's objects reads no credential; the driver copies none into a Secret either."""
    recording = whole(stack)
    driver = recording.only("aws:eks/addon:Addon", "mounted-secrets-driver").inputs

    assert recording.all("kubernetes:core/v1:Secret") == []
    assert "secretObjects" not in recording.only(PROVIDER_CLASS).inputs["spec"]
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
def test_clients_reach_the_load_balancer_and_it_alone_the_servers(
    edge: dict[str, str], clients: set[tuple[int, str]]
) -> None:
    """It opens the connections to the pods itself, from its subnets: those are all that the network policy lets in."""
    recording = _workload_of(edge=edge)
    (ingress,) = _policy(recording, "server-ingress")["ingress"]
    rules = [rule for rule in recording.all(INGRESS_RULE) if rule.name.startswith("edge-http")]

    assert {(rule.inputs["fromPort"], rule.inputs["cidrIpv4"]) for rule in rules} == clients
    assert ingress["from"] == [{"ipBlock": {"cidr": cidr}} for cidr in ("10.0.16.0/22", "10.0.48.0/22")]
    assert [port["port"] for port in ingress["ports"]] == [8080]


def test_dependencies_are_reached_where_they_are_set() -> None:
    """Their URLs are settings of the service, and their ports are open; without them neither is there."""
    urls = {"upstreamUrl": "https://partner.example/api", "otlpEndpoint": "http://collector.monitoring:4318"}
    with_both, with_none = _workload_of(service=urls), _workload_of()

    def config(recording: Recording) -> dict[str, str]:
        return recording.only("kubernetes:core/v1:ConfigMap", "workload-config").inputs["data"]

    def anywhere(recording: Recording) -> list[int]:
        rules = _policy(recording, "app-egress")["egress"]
        opened = [rule for rule in rules for peer in rule.get("to", []) if peer["ipBlock"]["cidr"] == "0.0.0.0/0"]
        return [port["port"] for rule in opened for port in rule["ports"]]

    assert config(with_both)["UPSTREAM_URL"] == urls["upstreamUrl"]
    assert config(with_both)["OTEL_EXPORTER_OTLP_ENDPOINT"] == urls["otlpEndpoint"]
    assert anywhere(with_both) == [443, 4318]
    assert not {"UPSTREAM_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"} & set(config(with_none))
    assert anywhere(with_none) == []
