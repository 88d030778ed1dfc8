"""Violations of the network rules in `laws`, each reported once even if it affects several paths."""

from collections.abc import Iterable
from typing import NamedTuple

from infra.reach.ends import Place
from infra.reach.routes import GATEWAY_SERVICES
from infra.reach.verdict import Answer, Hop
from infra.resources.resource import Resource


class Breach(NamedTuple):
    """One violation of a network rule."""

    resource: Resource
    """The resource that causes it."""
    finding: str
    """What does not work because of it, or what is possible although it must not be."""
    remedy: str


class Refusal(NamedTuple):
    """A required connection that is not possible."""

    answer: Answer
    target: Place
    fallback: Resource
    """The resource to report if the deciding hop is not a resource of the plan."""

    @property
    def hop(self) -> Hop:
        """The hop that refuses the connection."""
        return self.answer.refused.decides if self.answer.refused else self.answer.decides

    @property
    def resource(self) -> Resource:
        """The resource that causes the violation."""
        return self.hop.resource or self.fallback


def breaches(refusals: Iterable[Refusal]) -> list[Breach]:
    """Return one violation for each combination of a refusing hop and a target, with all refused sources."""
    groups: dict[tuple[str, ...], list[Refusal]] = {}
    for each in refusals:
        if each.answer.refused:
            key = (each.resource.urn, each.hop.at, each.answer.target, each.hop.remedy)
            groups.setdefault(key, []).append(each)
    return [_breach(found) for found in groups.values()]


def _breach(found: list[Refusal]) -> Breach:
    first = found[0]
    sources = ", ".join(dict.fromkeys(each.answer.source for each in found))
    text = f"{sources} cannot reach {first.answer.target} on {first.answer.port}: {first.hop}"
    missing, remedy = ", ".join(_without_endpoint(first)), first.hop.remedy
    if missing:
        text += f"; the VPC has no interface endpoint for {missing}"
        remedy = remedy if "endpoint" in remedy else f"add an interface endpoint for {missing}, or {remedy}"
    return Breach(first.resource, text, remedy)


def _without_endpoint(refusal: Refusal) -> list[str]:
    """Return the services of the target that are reached at public addresses because the VPC has no endpoint."""
    parts = refusal.target.parts or (refusal.target,)
    missing = [each.service for each in parts if each.service and each.resource is None]
    missing = [each for each in missing if each not in GATEWAY_SERVICES]
    refused = refusal.answer.refused
    return [each for each in missing if refused and (not refusal.target.parts or f"({each})" in refused.target)]
