"""The component Distribution, and the resources of Edge for it."""

import json
from typing import Any

import pytest

from components._edge_cloudfront import KEY_HEADER
from components.distribution import LOG_FIELDS, Distribution
from components.edge import Edge
from components.route import Route
from tests.support.builders import distribution_args, edge_args, route_args
from tests.support.fake_outputs import ORIGIN_FACING, random_result
from tests.support.recorder import Recording, record

FRONTED: dict[str, Any] = {"scheme": "internet-facing", "cloudfront_key": 1}
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
PASSWORD, RULE = "random:index/randomPassword:RandomPassword", "aws:lb/listenerRule:ListenerRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


def made(**changes: Any) -> Recording:
    return record(lambda: Distribution("front", distribution_args(**changes)).dns_name)


def edge(**changes: Any) -> Recording:
    return record(lambda: Edge("edge", edge_args(**FRONTED | changes)).url)


def test_it_caches_nothing_and_forwards_everything() -> None:
    """It has AWS's policies CachingDisabled and AllViewer, whose ids are documented, and allows all methods."""
    behavior = made().only(DISTRIBUTION).inputs["defaultCacheBehavior"]

    assert behavior["cachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert behavior["originRequestPolicyId"] == "216adef6-5c7f-47e4-b989-5492eafa07d3"
    assert sorted(behavior["allowedMethods"]) == ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]


def test_both_sides_are_encrypted() -> None:
    """HTTP is redirected to HTTPS, and the load balancer is called with HTTPS on its port."""
    inputs = made(origin_port=8443).only(DISTRIBUTION).inputs
    [origin] = inputs["origins"]

    assert inputs["defaultCacheBehavior"]["viewerProtocolPolicy"] == "redirect-to-https"
    assert inputs["viewerCertificate"]["minimumProtocolVersion"] == "TLSv1.2_2021"
    assert (inputs["httpVersion"], inputs["isIpv6Enabled"]) == ("http2and3", True)
    config = origin["customOriginConfig"]
    assert (config["originProtocolPolicy"], config["originSslProtocols"]) == ("https-only", ["TLSv1.2"])
    assert config["httpsPort"] == 8443


def test_it_sends_the_key() -> None:
    """The key is in the header that the load balancer's rules check."""
    [origin] = made(origin_key="secret").only(DISTRIBUTION).inputs["origins"]

    assert origin["customHeaders"] == [{"name": KEY_HEADER, "value": "secret"}]


def test_the_firewall_is_optional_and_its_log_is_protected() -> None:
    """The firewall has a log group, which is protected."""
    [log] = made(log_retention_days=30).all("aws:cloudwatch/logGroup:LogGroup")
    assert (log.inputs["retentionInDays"], log.inputs["region"], log.protect) == (30, "us-east-1", True)
    assert not made(protect=False).only("aws:cloudwatch/logGroup:LogGroup").protect
    without = made(firewall=False)
    assert [each for each in without.resources.values() if "wafv2" in each.type] == []
    assert "webAclId" not in without.only(DISTRIBUTION).inputs


def test_access_logs_have_no_cookies() -> None:
    """They are delivered to the bucket as JSON."""
    recording = made()

    assert recording.only("aws:cloudwatch/logDelivery:LogDelivery").inputs["recordFields"] == list(LOG_FIELDS)
    assert "cs(Cookie)" not in LOG_FIELDS
    destination = recording.only("aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination").inputs
    assert destination["deliveryDestinationConfiguration"] == {"destinationResourceArn": "arn:aws:s3:::access-logs"}


def test_the_domain_has_an_ipv6_record_too() -> None:
    """The record for IPv4 is that of the load balancer, changed in place."""
    record_ = made().only("aws:route53/record:Record").inputs

    assert (record_["type"], record_["name"]) == ("AAAA", "api.example.com")
    assert record_["aliases"][0]["evaluateTargetHealth"] is False


def test_a_load_balancer_behind_cloudfront_accepts_nothing_else() -> None:
    """It refuses other addresses, requests without a key, and HTTP. Firewall and DNS record are the distribution's."""
    recording = edge()

    [rule] = [each.inputs for each in recording.all(INGRESS) if each.name != "edge-to-pods"]
    assert (rule["prefixListId"], rule["fromPort"], "cidrIpv4" in rule) == (ORIGIN_FACING, 443, False)
    [listener] = recording.all("aws:lb/listener:Listener")
    assert listener.inputs["protocol"] == "HTTPS"
    [action] = listener.inputs["defaultActions"]
    assert (action["type"], action["fixedResponse"]["statusCode"]) == ("fixed-response", "403")
    assert recording.only(RULE).inputs["conditions"][0]["httpHeader"]["httpHeaderName"] == KEY_HEADER
    assert [each for each in recording.resources.values() if "wafv2" in each.type] == []
    assert "edge-alias" not in recording.names("aws:route53/record:Record")
    policy = json.loads(recording.only("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])
    assert "DistributionLogWrite" in {each["Sid"] for each in policy["Statement"]}


@pytest.mark.parametrize("number", [1, 2, 3, 8])
def test_a_rotation_replaces_the_unused_key(number: int) -> None:
    """The key in use becomes the second accepted key, and is not generated again."""

    def keys(at: int) -> tuple[list[str], dict[str, Any]]:
        recording = edge(cloudfront_key=at)
        accepted = recording.only(RULE).inputs["conditions"][0]["httpHeader"]["values"]
        return accepted, {random_result(each.name): each.inputs["keepers"] for each in recording.all(PASSWORD)}

    (before, made_before), (after, made_after) = keys(number), keys(number + 1)

    sent = before[0]
    assert after == [before[1], sent]
    assert made_after[sent] == made_before[sent] == {"number": str(number)}
    assert made_after[after[0]] == {"number": str(number + 1)} != made_before[after[0]]


@pytest.mark.parametrize("changes", [{"scheme": "internal"}, {"domain": None, "zone": None}])
def test_cloudfront_needs_a_domain_and_an_internet_facing_load_balancer(changes: dict[str, Any]) -> None:
    """CloudFront calls the load balancer by its domain over the internet."""
    with pytest.raises(ValueError, match="cloudfront_key needs a domain and the scheme internet-facing"):
        edge_args(**FRONTED | changes)


def test_a_rule_with_keys_has_no_more_values_than_elb_accepts() -> None:
    """The limit is 5: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html."""
    args = route_args(host="a.example.com", path_prefix="/shop", keys=["new", "old"])
    recording = record(lambda: Route("shop", args).target_group_arn)

    for rule in recording.all(RULE):
        values = [value for each in rule.inputs["conditions"] for one in each.values() for value in one["values"]]
        assert len(values) == 5
        assert values[-2:] == ["new", "old"]
