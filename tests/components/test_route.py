"""The component Route: listener rules, target group and DNS record."""

from typing import Any

from components.route import Route, RouteArgs
from tests.support.builders import route_args
from tests.support.recorder import Recording, record

RULE = "aws:lb/listenerRule:ListenerRule"
TARGETS = "aws:lb/targetGroup:TargetGroup"
RECORD = "aws:route53/record:Record"


def _route(**changes: Any) -> Recording:
    args: RouteArgs = route_args(**changes)
    return record(lambda: {"arn": Route("shop", args).target_group_arn})


def test_each_listener_gets_a_rule_that_forwards() -> None:
    """It matches the path and all paths below it, but not others with the same prefix."""
    recording = _route()
    target = recording.only(TARGETS)

    rules = {rule.name: rule.inputs for rule in recording.all(RULE)}
    assert set(rules) == {"shop-http", "shop-https"}
    for inputs in rules.values():
        assert inputs["priority"] == 7
        assert inputs["conditions"] == [{"pathPattern": {"values": ["/shop", "/shop/*"]}}]
        (action,) = inputs["actions"]
        assert action["type"] == "forward"
        assert recording.owner(action["targetGroupArn"]).urn == target.urn
    assert rules["shop-http"]["listenerArn"] != rules["shop-https"]["listenerArn"]
    assert recording.all(RECORD) == []


def test_a_host_and_a_path_both_have_to_match() -> None:
    """ELB combines conditions with AND."""
    (rule, _) = _route(host="shop.example.com").all(RULE)

    assert rule.inputs["conditions"] == [
        {"hostHeader": {"values": ["shop.example.com"]}},
        {"pathPattern": {"values": ["/shop", "/shop/*"]}},
    ]


def test_a_host_in_a_zone_gets_an_alias_record() -> None:
    """The record is an alias of the load balancer."""
    found = _route(host="shop.example.com", path_prefix=None, zone="example.com", dns_name="lb.aws", dns_zone_id="Z1")

    record_ = found.only(RECORD).inputs
    assert record_["name"] == "shop.example.com"
    assert record_["aliases"] == [{"name": "lb.aws", "zoneId": "Z1", "evaluateTargetHealth": True}]


def test_the_target_group_checks_the_given_path() -> None:
    """It has the tag that allows the cluster's controller to register pods."""
    target = _route().only(TARGETS).inputs

    assert (target["port"], target["healthCheck"]["path"], target["deregistrationDelay"]) == (9000, "/ready", 40)
    assert target["tags"]["eks:eks-cluster-name"] == "drydock-test"


def test_users_of_the_target_group_depend_on_the_rules() -> None:
    """A target group without a rule has no load balancer, and cannot have targets."""
    recording = _route()
    assert recording.result["arn"]
