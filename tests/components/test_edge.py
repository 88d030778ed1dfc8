"""The component Edge: its resources for given arguments."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components._edge_firewall import SECRET_HEADERS, rules
from components._edge_listeners import TLS_POLICY
from components._target_group import HEALTH_INTERVAL_SECONDS, HEALTH_TIMEOUT_SECONDS
from components.edge import (
    Edge,
    edge_url,
)
from tests.support.builders import edge_args
from tests.support.fake_outputs import ACCOUNT_ID
from tests.support.recorder import Recording, record

LISTENER = "aws:lb/listener:Listener"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
# Policies of AWS with TLS 1.2 as the oldest protocol:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
CURRENT = {"ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-2-PQ-2025-09"}


def made(**changes: Any) -> Recording:
    return record(lambda: Edge("edge", edge_args(**changes)).url)


def actions(recording: Recording) -> dict[str, tuple[int, str, str]]:
    """Return listener -> port, protocol and action."""
    return {
        each.name: (each.inputs["port"], each.inputs["protocol"], each.inputs["defaultActions"][0]["type"])
        for each in recording.all(LISTENER)
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"edge-http": (80, "HTTP", "redirect"), "edge-https": (443, "HTTPS", "forward")}),
        (
            {"domain": None, "certificate_arn": "arn:aws:acm:eu-central-1:123456789012:certificate/a"},
            {"edge-http": (80, "HTTP", "redirect"), "edge-https": (443, "HTTPS", "forward")},
        ),
        ({"domain": None}, {"edge-http": (80, "HTTP", "forward")}),
        (
            {"plain_http": True, "http_port": 8080, "https_port": 8443},
            {"edge-http": (8080, "HTTP", "forward"), "edge-https": (8443, "HTTPS", "forward")},
        ),
    ],
)
def test_it_has_an_https_listener_with_a_certificate(
    changes: dict[str, Any], expected: dict[str, tuple[int, str, str]]
) -> None:
    """HTTP is redirected to it, unless the setting is to forward HTTP too."""
    assert actions(made(**changes)) == expected


def test_http_is_redirected_to_the_https_port() -> None:
    """The redirect is permanent (301), to the same host and path, which are ELB's defaults."""
    [action] = made(https_port=8443).only(LISTENER, "edge-http").inputs["defaultActions"]

    assert action == {
        "type": "redirect",
        "redirect": {"protocol": "HTTPS", "port": "8443", "statusCode": "HTTP_301"},
    }


def test_tls_policy_is_current() -> None:
    """It is one of AWS's policies without TLS 1.1; the certificate is used after its validation."""
    recording = made()
    listener = recording.only(LISTENER, "edge-https").inputs

    assert TLS_POLICY in CURRENT
    assert listener["sslPolicy"] == TLS_POLICY
    validation = recording.only("aws:acm/certificateValidation:CertificateValidation").inputs
    assert listener["certificateArn"] == validation["certificateArn"]


def test_the_domain_leads_to_the_load_balancer() -> None:
    """The zone gets a record that validates the certificate, and the alias."""
    records = {each.name: each.inputs for each in made().all("aws:route53/record:Record")}

    assert {name: (each["name"], each["type"]) for name, each in records.items()} == {
        "edge-validation": ("_validate.api.example.com", "CNAME"),
        "edge-alias": ("api.example.com", "A"),
    }
    assert {each["zoneId"] for each in records.values()} == {"ZONE"}


def test_a_domain_needs_its_zone() -> None:
    with pytest.raises(ValueError, match=r"zone must be the name of the Route 53 zone that api\.example\.com is in"):
        made(zone=None)


def test_clients_reach_the_listeners_and_the_load_balancer_the_pods() -> None:
    """There is one rule for each port and range, and no other rule in either direction."""
    recording = made()
    [group] = recording.all("aws:ec2/securityGroup:SecurityGroup")
    own = "SecurityGroup:edge-load-balancer"

    inward = {
        (rule["securityGroupId"], rule.get("cidrIpv4") or rule["referencedSecurityGroupId"], rule["fromPort"])
        for rule in (each.inputs for each in recording.all(INGRESS))
        if rule["fromPort"] == rule["toPort"] and rule["ipProtocol"] == "tcp"
    }
    assert inward == {
        *((own, cidr, port) for cidr in ("10.0.0.0/16", "10.9.0.0/16") for port in (80, 443)),
        ("sg-cluster", own, 8080),
    }
    [outward] = [each.inputs for each in recording.all(EGRESS)]
    assert (outward["securityGroupId"], outward["referencedSecurityGroupId"]) == (own, "sg-cluster")
    assert (outward["fromPort"], outward["toPort"]) == (8080, 8080)
    assert "ingress" not in group.inputs


def test_the_load_balancer_is_hardened() -> None:
    """It drops ambiguous requests, writes access logs, and is protected against deletion."""
    recording = made()
    balancer = recording.only("aws:lb/loadBalancer:LoadBalancer").inputs

    assert balancer["dropInvalidHeaderFields"] is True
    assert balancer["desyncMitigationMode"] == "strictest"
    assert balancer["enableDeletionProtection"] is True
    assert balancer["xffHeaderProcessingMode"] == "append"
    assert balancer["accessLogs"] == {"bucket": "edge-access-logs", "enabled": True}
    assert balancer["internal"] is True
    assert made(scheme="internet-facing").only("aws:lb/loadBalancer:LoadBalancer").inputs["internal"] is False


def test_only_load_balancers_of_the_account_write_access_logs() -> None:
    """Requests without TLS are denied."""
    document = json.loads(made().only("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])
    allowed = [each for each in document["Statement"] if each["Effect"] == "Allow"]

    assert [(each["Principal"], each["Action"], each["Resource"]) for each in allowed] == [
        (
            {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "s3:PutObject",
            f"arn:aws:s3:::edge-access-logs/AWSLogs/{ACCOUNT_ID}/*",
        )
    ]
    assert any(each["Effect"] == "Deny" and each["Action"] == "s3:*" for each in document["Statement"])


def test_eks_may_register_targets() -> None:
    """The target group has targets by address, and the tag that the role of EKS requires."""
    target = made().only("aws:lb/targetGroup:TargetGroup").inputs

    assert target["tags"]["eks:eks-cluster-name"] == "drydock-test"
    assert (target["targetType"], target["protocol"], target["port"]) == ("ip", "HTTP", 8080)
    assert HEALTH_TIMEOUT_SECONDS < HEALTH_INTERVAL_SECONDS


def test_the_firewall_has_managed_rules_and_logs_without_secrets() -> None:
    """The log contains neither tokens nor cookies, and sampling, which would store them, is off."""
    recording = made(rate_limit=3000)
    acl = recording.only("aws:wafv2/webAcl:WebAcl").inputs
    logging = recording.only("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration").inputs

    assert [each["name"] for each in acl["rules"]] == [
        "rate",
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesCommonRuleSet",
    ]
    assert [each["singleHeader"]["name"] for each in logging["redactedFields"]] == ["authorization", "cookie"]
    assert SECRET_HEADERS == ("authorization", "cookie")
    views = [acl["visibilityConfig"], *(each["visibilityConfig"] for each in acl["rules"])]
    assert {each["sampledRequestsEnabled"] for each in views} == {False}
    assert recording.only("aws:cloudwatch/logGroup:LogGroup").inputs["name"].startswith("aws-waf-logs-")
    association = recording.only("aws:wafv2/webAclAssociation:WebAclAssociation").inputs
    assert association["resourceArn"] == recording.only(LISTENER, "edge-https").inputs["loadBalancerArn"]


def test_the_firewall_can_be_off() -> None:
    """No resource of it is created then."""
    assert [each for each in made(firewall=False).resources.values() if "wafv2" in each.type] == []


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=2_000_000_000))
def test_priorities_of_firewall_rules_are_unique(limit: int) -> None:
    """WAF refuses duplicate priorities and names. Without a limit there is no rate rule."""
    found = rules(limit)

    assert len({each["priority"] for each in found}) == len({each["name"] for each in found}) == len(found)
    assert any("rateBasedStatement" in each["statement"] for each in found) is (limit > 0)


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({}, "https://api.example.com"),
        ({"https_port": 8443}, "https://api.example.com:8443"),
        ({"plain_http": True}, "http://api.example.com"),
        ({"plain_http": True, "http_port": 8080}, "http://api.example.com:8080"),
        ({"domain": None}, "http://lb.amazonaws.com"),
        ({"domain": None, "certificate_arn": "arn:a"}, "https://lb.amazonaws.com"),
    ],
)
def test_outputs_the_url_for_clients(changes: dict[str, Any], url: str) -> None:
    assert edge_url(edge_args(**changes), "lb.amazonaws.com") == url
