"""Parsing of settings: accepted values, and one message with all errors."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from stacks.settings import Settings, SettingsError, json_schema, parse_settings
from tests.stacks.settings.errors import SOURCE, error_lines

CERTIFICATE = "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"


def _parse(**values: Any) -> Settings:
    return parse_settings({"region": "eu-central-1", **values}, SOURCE)


def test_region_is_enough() -> None:
    """All other settings have defaults, which are the safe choices."""
    settings = _parse()

    assert settings.protect
    assert settings.database.multi_az
    assert settings.database.deletion_protection
    assert not settings.database.skip_final_snapshot
    assert settings.cluster.deletion_protection
    assert settings.cluster.public_access_cidrs == ()
    assert settings.network.nat_strategy == "per-az"
    assert settings.edge.scheme == "internal"
    assert settings.service.min_replicas >= 3


def test_is_frozen() -> None:
    """Settings are immutable."""
    with pytest.raises(ValueError, match="frozen"):
        _parse().region = "us-east-1"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"region": 5}, "region: must be a region of AWS: af-south-1, ap-east-1, "),
        (
            {"region": "eu-centrl-1"},
            'region: must be a region of AWS (did you mean eu-central-1?), got "eu-centrl-1"',
        ),
        ({"region": "EU-CENTRAL-1"}, "region: must be a region of AWS (did you mean eu-central-1?)"),
        ({"region": "us-west1"}, "region: must be a region of AWS (did you mean us-west-1?)"),
        ({"region": "aws-global"}, "region: must be a region of AWS"),
        ({"protect": "yes"}, 'protect: must be true or false, got "yes"'),
        ({"network": 3}, "network: must be an object, got 3"),
        (
            {"database": {"allowMajorVersionUpgrade": True}},
            "database.allowMajorVersionUpgrade: requires applyImmediately: true, got false; RDS cannot delete the old "
            "version's parameter group while the upgrade waits for the maintenance window",
        ),
        ({"regoin": "x"}, "regoin: unknown setting; did you mean region?"),
        ({"network": {"natStrategyy": "none"}}, "network.natStrategyy: unknown setting; did you mean natStrategy?"),
        (
            {"network": {"cidr": "10.0.0.1/16"}},
            "network.cidr: must be a block of IPv4 addresses, with no host bits set, such as 10.0.0.0/16, "
            'got "10.0.0.1/16"',
        ),
        (
            {"network": {"cidr": "10.0.0.0/8"}},
            'network.cidr: must be a block of addresses from /16 to /20, such as 10.0.0.0/16, got "10.0.0.0/8"',
        ),
        (
            {"network": {"availabilityZones": ["a", "z"]}},
            'network.availabilityZones[1]: must be a, b, c, d, e, f, g or h, got "z"',
        ),
        (
            {"network": {"availabilityZones": ["a", "a"]}},
            "network.availabilityZones: must name each zone once, got a, a",
        ),
        ({"network": {"availabilityZones": ["a"]}}, "must have 2 entries or more"),
        ({"network": {"flowLogsRetentionDays": 5}}, "network.flowLogsRetentionDays: must be one of 1, 3, 7,"),
        (
            {"cluster": {"version": 1.35}},
            'cluster.version: must be 1.33, 1.34, 1.35 or 1.36, got 1.35; write "1.35" in quotes',
        ),
        ({"cluster": {"adminRoles": ["one"]}}, "cluster.adminRoles: must have 2 entries or more"),
        ({"cluster": {"publicAccessCidrs": ["0.0.0.0/0"]}}, "never 0.0.0.0/0"),
        ({"cluster": {"serviceCidr": "8.0.0.0/16"}}, "cluster.serviceCidr: must be a private block"),
        (
            {"database": {"allocatedStorageGib": "0x20"}},
            'database.allocatedStorageGib: must be a whole number, got "0x20"',
        ),
        ({"database": {"backupRetentionDays": 36}}, "database.backupRetentionDays: must be 35 or less, got 36"),
        ({"service": {"maxReplicas": True}}, "service.maxReplicas: must be a whole number, got true"),
        ({"service": {"memoryLimit": "1GB"}}, "service.memoryLimit: must match"),
        ({"service": {"memoryLimit": f"{'9' * 5_000}Gi"}}, "service.memoryLimit: must match"),
        ({"service": {"cpuRequest": f"{'9' * 400}m"}}, "service.cpuRequest: must match"),
        ({"service": {"maxReplicas": "9" * 5_000}}, "service.maxReplicas: must be a whole number"),
        ({"tags": '{"A": "\\ud800"}'}, "tags: must be an object"),
        ({"service": {"workerReplicas": 0}}, "service.workerReplicas: must be 1 or more, got 0"),
        ({"service": {"upstreamUrl": "example.com"}}, "service.upstreamUrl: must match"),
        ({"service": {"upstreamUrl": "http://a:65536"}}, "service.upstreamUrl: must be a URL whose port is 1 to 65535"),
        (
            {"service": {"upstreamUrl": "http://.5:984/"}},
            "service.upstreamUrl: must be a URL whose host has labels of 1 to 63 characters",
        ),
        ({"service": {"otlpEndpoint": "grpc://collector:4317"}}, "service.otlpEndpoint: must match"),
        ({"service": {"faultInjection": "on"}}, 'service.faultInjection: must be true or false, got "on"'),
        ({"tags": {"a": 5.5}}, 'tags.a: must be text, got 5.5; write "5.5" in quotes'),
    ],
)
def test_rejects_a_wrong_value(values: dict[str, Any], message: str) -> None:
    """The message has the path, the accepted values, and the found value."""
    (line,) = error_lines(**values)

    assert message in line


def test_rejects_a_missing_region() -> None:
    """The message says that the setting is required, with its description."""
    with pytest.raises(SettingsError, match="region: missing; it is required: AWS region"):
        parse_settings({}, SOURCE)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"network": {"cidr": "172.20.0.0/16"}},
            "cluster.serviceCidr: must not overlap network.cidr (172.20.0.0/16), got 172.20.0.0/16",
        ),
        (
            {"network": {"cidr": "10.0.0.0/16", "peerCidrs": ["10.1.0.0/16", "10.0.128.0/17"]}},
            "network.peerCidrs[1]: must not overlap network.cidr (10.0.0.0/16), got 10.0.128.0/17",
        ),
        (
            {"network": {"peerCidrs": ["172.16.0.0/12"]}},
            "network.peerCidrs[0]: must not overlap cluster.serviceCidr (172.20.0.0/16), got 172.16.0.0/12",
        ),
        ({"service": {"minReplicas": 11}}, "service.maxReplicas: must be minReplicas (11) or more, got 10"),
        ({"service": {"minAvailable": 3}}, "service.minAvailable: must be less than minReplicas (3), got 3"),
        ({"service": {"memoryLimit": "128Mi"}}, "service.memoryLimit: must be memoryRequest (256Mi) or more"),
        (
            {"service": {"minReadySeconds": 60, "progressDeadlineSeconds": 60}},
            "service.progressDeadlineSeconds: must be more than minReadySeconds (60) and the 10 seconds",
        ),
        ({"database": {"maxAllocatedStorageGib": 109}}, "database.maxAllocatedStorageGib: must be 110 or more"),
        (
            {"database": {"instanceClass": "db.t4g.micro"}},
            "database.performanceInsights: must be false with instanceClass db.t4g.micro, got true",
        ),
        ({"cluster": {"deletionProtection": False}}, "cluster.deletionProtection: must be true while protect is true"),
        ({"database": {"skipFinalSnapshot": True}}, "database.skipFinalSnapshot: must be false while protect is true"),
        (
            {"database": {"deletionProtection": False}},
            "database.deletionProtection: must be true while protect is true",
        ),
        (
            {"database": {"maxConnections": 149}},
            "database.maxConnections: must be 150 or more, for 10 + 1 pods (service.maxReplicas) and 2 + 1 workers "
            "(service.workerReplicas) with 10 connections each (service.maxConnections) and 10 to spare, got 149",
        ),
        (
            {"network": {"interfaceEndpoints": ["logs"]}},
            "sqs; pods reach AWS only inside the VPC",
        ),
        ({"network": {"natStrategy": "none"}}, "network.interfaceEndpoints: must also have ec2, ecr.api,"),
    ],
)
def test_rejects_settings_that_contradict_each_other(values: dict[str, Any], message: str) -> None:
    """The message names both settings."""
    (line,) = error_lines(**values)

    assert message in line


def test_reports_all_errors_together() -> None:
    """Rules between settings are checked also if other settings are wrong."""
    lines = error_lines(
        protect="yes",
        network={"cidr": "172.20.0.0/16", "natStrategyy": "none"},
        service={"minAvailable": 5, "memoryLimit": "1Mi", "cpuRequest": "0"},
    )

    paths = [line.partition(":")[0] for line in lines]
    assert sorted(paths) == [
        "cluster.serviceCidr",
        "network.natStrategyy",
        "protect",
        "service.cpuRequest",
        "service.memoryLimit",
        "service.minAvailable",
    ]


def test_reports_no_errors_about_defaults() -> None:
    """A rule that involves a wrong setting is skipped, because it would report the default."""
    lines = error_lines(service={"minReplicas": "many", "maxReplicas": 2})

    assert [line.partition(":")[0] for line in lines] == ["service.minReplicas"]


def test_one_replica_needs_no_budget() -> None:
    """With one replica, `minAvailable` is neither used nor checked."""
    assert _parse(service={"minReplicas": 1, "minAvailable": 2}).service.min_replicas == 1


def patterns(schema: Any) -> Iterator[str]:
    """Yield every pattern of a JSON schema."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for inner in schema.values():
            yield from patterns(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from patterns(inner)


def test_no_pattern_accepts_digits_of_other_scripts() -> None:
    r"""In pydantic's regular expressions `\d` and `\w` match all scripts, which AWS and Kubernetes do not accept."""
    found = set(patterns(json_schema()))

    assert len(found) >= 8
    assert [each for each in found if re.search(r"\\[dDwWsS]", each)] == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"scheme": "internet-facing"}, "edge.scheme: must be internal without domain or certificateArn"),
        ({"http": "redirect"}, "edge.http: must be forward without domain or certificateArn"),
        (
            {"scheme": "internet-facing", "domain": "a.example.com", "http": "forward"},
            "edge.http: must be redirect with scheme internet-facing",
        ),
        ({"zone": "example.com"}, "edge.zone: must not be set without domain"),
        (
            {"domain": "a.example.com", "zone": "b.example.com"},
            "edge.zone: must be a.example.com or end it, such as example.com, got b.example.com",
        ),
        ({"domain": "a.example.com", "zone": "ample.com"}, "edge.zone: must be a.example.com or end it"),
        ({"httpPort": 8080, "httpsPort": 8080}, "edge.httpsPort: must be another port than httpPort, got 8080"),
        ({"domain": "https://a.example.com"}, "edge.domain: must be a host name with at least one dot, in lower case"),
        ({"domain": "localhost"}, "edge.domain: must be a host name with at least one dot, in lower case"),
        (
            {"certificateArn": "arn:aws:iam::123456789012:server-certificate/a"},
            "edge.certificateArn: must be the ARN of a certificate",
        ),
        (
            {"certificateArn": CERTIFICATE.replace("eu-central-1", "us-east-1")},
            "edge.certificateArn: must be in the region eu-central-1, got arn:aws:acm:us-east-1:123456789012:",
        ),
        (
            {"domain": "a.example.com", "cloudfront": {}},
            "edge.cloudfront: needs scheme internet-facing: CloudFront calls the load balancer from the internet",
        ),
        (
            {"scheme": "internet-facing", "certificateArn": CERTIFICATE, "domain": "a.example.com", "cloudfront": {}},
            "edge.certificateArn: must not be set with cloudfront",
        ),
        (
            {"scheme": "internet-facing", "domain": "a.example.com", "httpsPort": 444, "cloudfront": {}},
            "edge.httpsPort: must be 443 with cloudfront, or 1024 or more, "
            "because CloudFront connects to no other ports, got 444",
        ),
        (
            {"scheme": "internet-facing", "domain": "a.example.com", "cloudfront": {"key": 0}},
            "edge.cloudfront.key: must be",
        ),
        ({"deletionProtection": False}, "edge.deletionProtection: must be true while protect is true"),
    ],
)
def test_rejects_wrong_settings_of_the_edge(given: dict[str, object], says: str) -> None:
    """Rejected are an internet-facing load balancer without TLS, and impossible names, zones and ports."""
    [line] = error_lines(edge=given)

    assert line.startswith(says)


@pytest.mark.parametrize(
    "given",
    [
        {"scheme": "internet-facing", "domain": "example.com", "zone": "example.com"},
        {"scheme": "internet-facing", "domain": "a.example.com", "cloudfront": {}},
        {"scheme": "internet-facing", "domain": "a.example.com", "httpsPort": 8443, "cloudfront": {"key": 2}},
        {
            "scheme": "internet-facing",
            "certificateArn": "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
        },
        {"domain": "a.b.example.com", "zone": "example.com", "http": "forward"},
        {},
    ],
)
def test_accepts_valid_settings_of_the_edge(given: dict[str, object]) -> None:
    """They have TLS on the internet, and any protocol inside the VPC."""
    assert _parse(edge=given).edge.plain_http is (given.get("http") == "forward" or not given)


@pytest.mark.parametrize(("name", "where"), [("port", "edge.httpPort"), ("scheme", "edge.scheme")])
def test_an_old_name_of_a_setting_refers_to_the_new_one(name: str, where: str) -> None:
    """The message names the new path."""
    [line] = error_lines(service={name: 80})

    assert line.startswith(f"service.{name}: is now {where}")


def test_ports_of_secret_urls_are_opened_in_addition_to_those_of_settings() -> None:
    """This holds for the bundled service and for others; each port is opened once."""
    given = {
        "service": {"egressPorts": [5671, 443], "upstreamUrl": "https://a.example"},
        "services": {"shop": {"image": "app", "route": {"pathPrefix": "/shop"}, "egressPorts": [6379]}},
    }
    settings = parse_settings({"region": "eu-central-1", **given}, "test")

    assert settings.service.dependency_ports == [443, 5671]
    assert settings.services["shop"].dependency_ports == [6379]


def test_a_wrong_region_is_the_only_error_of_what_must_be_in_it() -> None:
    """Otherwise the certificate and the topic would be compared with a region that nobody set."""
    topic = "arn:aws:sns:eu-central-1:123456789012:alarms"
    lines = error_lines(region="eu-centrl-1", edge={"certificateArn": CERTIFICATE}, alarms={"topics": [topic]})

    assert [line.partition(":")[0] for line in lines] == ["region"]


@pytest.mark.parametrize(
    "secrets", ["hunter2", ["hunter2"], {"KEY": "hunter2 !"}, {"KEY": ["hunter2"]}, {"KEY": "a" * 600}]
)
def test_no_message_contains_a_secret_in_place_of_its_name(secrets: object) -> None:
    """Of the bundled service and of another one."""
    service = {"image": "app", "route": {"pathPrefix": "/a"}, "secrets": secrets}
    lines = error_lines(service={"secrets": secrets}, services={"shop": service})

    assert {line.partition("secrets")[0] for line in lines} == {"service.", "services.shop."}
    assert all(line.endswith("; its value is not shown, because it may be a secret") for line in lines)
    assert "hunter2" not in "".join(lines)
