"""What breaks a law, named once however many paths it breaks."""

from collections.abc import Iterable
from typing import NamedTuple

from infra.reach.ends import Place
from infra.reach.routes import GATEWAY_SERVICES
from infra.reach.verdict import Answer, Hop
from infra.resources.resource import Resource


class Breach(NamedTuple):
    """A break in the wiring."""

    resource: Resource
    """Where it is."""
    finding: str
    """What does not work because of it, or works and must not."""
    remedy: str


class Refusal(NamedTuple):
    """A question that has to be answered with yes, and is not."""

    answer: Answer
    target: Place
    fallback: Resource
    """What is named where the hop that decides is no resource of the plan."""

    @property
    def hop(self) -> Hop:
        """The hop that decides."""
        return self.answer.refused.decides if self.answer.refused else self.answer.decides

    @property
    def resource(self) -> Resource:
        """Where the break is."""
        return self.hop.resource or self.fallback


def breaches(refusals: Iterable[Refusal]) -> list[Breach]:
    """Return one breach for each hop that refuses and each target, with all sources that it refuses."""
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
    """Return the services whose traffic goes to public addresses only because they have no endpoint here."""
    parts = refusal.target.parts or (refusal.target,)
    missing = [each.service for each in parts if each.service and each.resource is None]
    missing = [each for each in missing if each not in GATEWAY_SERVICES]
    refused = refusal.answer.refused
    return [each for each in missing if refused and (not refusal.target.parts or f"({each})" in refused.target)]
