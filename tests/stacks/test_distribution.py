"""A stack with CloudFront in front of several services."""

from typing import Any

from tests.support.worlds import recorded

RULE, DISTRIBUTION = "aws:lb/listenerRule:ListenerRule", "aws:cloudfront/distribution:Distribution"
EDGE: dict[str, Any] = {"domain": "api.example.com", "scheme": "internet-facing"}
SETTINGS: dict[str, Any] = {
    "region": "eu-central-1",
    "services": {"shop": {"image": "app", "route": {"pathPrefix": "/shop"}}},
}


def test_a_key_is_sent_only_after_every_rule_accepts_it() -> None:
    """This includes the rules of other services, whose requests would fail during a rotation."""
    world = recorded({**SETTINGS, "edge": {**EDGE, "cloudfront": {"key": 4}}})

    waits = world.recording.waits_for(world.only(DISTRIBUTION))
    assert {rule.name for rule in world.all(RULE)} == {"edge-https-cloudfront", "shop-https"}
    assert {rule.urn for rule in world.all(RULE)} <= waits
    conditions = [rule.inputs["conditions"][-1]["httpHeader"] for rule in world.all(RULE)]
    assert conditions[0] == conditions[1]


def test_the_alias_is_the_same_resource_with_and_without_cloudfront() -> None:
    """A change is an update, so the name always has exactly one record."""
    before, after = (recorded({**SETTINGS, "edge": {**EDGE, **more}}) for more in ({}, {"cloudfront": {}}))

    aliases = [world.only("aws:route53/record:Record", "edge-alias") for world in (before, after)]
    assert aliases[0].urn == aliases[1].urn
    assert aliases[0].inputs["aliases"] != aliases[1].inputs["aliases"]
