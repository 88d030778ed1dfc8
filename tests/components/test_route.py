"""A route: its rules, its target group and its record."""

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
    """A path and all below it, and not one that merely begins alike."""
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


def test_a_host_and_a_path_both_have_to_fit() -> None:
    """ELB combines conditions by AND."""
    (rule, _) = _route(host="shop.example.com").all(RULE)

    assert rule.inputs["conditions"] == [
        {"hostHeader": {"values": ["shop.example.com"]}},
        {"pathPattern": {"values": ["/shop", "/shop/*"]}},
    ]


def test_a_host_in_a_zone_gets_an_alias_record() -> None:
    """It leads to the load balancer."""
    found = _route(host="shop.example.com", path_prefix=None, zone="example.com", dns_name="lb.aws", dns_zone_id="Z1")

    record_ = found.only(RECORD).inputs
    assert record_["name"] == "shop.example.com"
    assert record_["aliases"] == [{"name": "lb.aws", "zoneId": "Z1", "evaluateTargetHealth": True}]


def test_the_target_group_asks_for_the_path_that_it_is_given() -> None:
    """The controller of the cluster registers the pods, by the tag."""
    target = _route().only(TARGETS).inputs

    assert (target["port"], target["healthCheck"]["path"], target["deregistrationDelay"]) == (9000, "/ready", 40)
    assert target["tags"]["eks:eks-cluster-name"] == "drydock-test"


def test_users_of_the_target_group_wait_for_the_rules() -> None:
    """A target group without a rule has no load balancer, and takes no targets."""
    recording = _route()
    assert recording.result["arn"]
