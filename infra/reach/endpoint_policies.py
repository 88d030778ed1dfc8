"""Policies of VPC endpoints: whether they allow any requests. The decision on single requests is left to IAM.

An endpoint without a policy allows all requests:
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from infra.reach.verdict import Hop, Verdict
from infra.resources.properties import UNKNOWN, items, mapping
from infra.resources.resource import Resource

PRINCIPALS = ("*", {"AWS": "*"}, {"AWS": ["*"]}, ["*"])
EVERYTHING = ("*", ["*"])


def passing(endpoint: Resource | None) -> Iterator[Hop]:
    """Yield a hop for the policy of an endpoint, if it has one."""
    policy = endpoint.properties.get("policy") if endpoint else None
    if endpoint is None or not policy:
        return
    verdict = _verdict(policy)
    yield Hop(
        at=f"policy of endpoint {endpoint.name}",
        verdict=verdict,
        why={
            Verdict.YES: "allows every request",
            Verdict.NO: "allows no request",
            Verdict.UNKNOWN: "allows some requests; which ones is not modelled",
        }[verdict],
        resource=endpoint,
        remedy="allow the service's requests in the policy, or leave it out: the roles' own policies still decide",
    )


def _verdict(policy: Any) -> Verdict:
    if policy is UNKNOWN:
        return Verdict.UNKNOWN
    try:
        document = json.loads(policy) if isinstance(policy, str) else policy
    except ValueError:
        return Verdict.NO
    statements = [mapping(each) for each in items(mapping(document).get("Statement"))]
    denied = [each for each in statements if each.get("Effect") == "Deny"]
    allowed = [each for each in statements if each.get("Effect") == "Allow"]
    if any(map(_for_all, denied)) or not allowed:
        return Verdict.NO
    return Verdict.YES if any(map(_for_all, allowed)) and not denied else Verdict.UNKNOWN


def _for_all(statement: Mapping[str, Any]) -> bool:
    """Return whether a statement applies to all requests of all principals."""
    return (
        not statement.get("Condition")
        and statement.get("Principal") in PRINCIPALS
        and statement.get("Action") in EVERYTHING
        and statement.get("Resource") in EVERYTHING
    )
