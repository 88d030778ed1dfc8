"""All hazards of a plan."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from infra.review.hazard import Hazard, HazardKind, ordered
from infra.review.hazards.alteration import Alteration
from infra.review.hazards.budgets import weakened_budgets
from infra.review.hazards.downgrades import downgrades
from infra.review.hazards.exposure import exposed, opened
from infra.review.hazards.iam import redistributed, widened
from infra.review.hazards.ingress import admitted
from infra.review.hazards.losses import providers, stateful
from infra.review.hazards.node_roll import node_roll
from infra.review.hazards.protection import weakened
from infra.review.hazards.resources import Dependencies, after, before

Detector = Callable[[Alteration], Iterator[str]]
DETECTORS: Mapping[HazardKind, Detector] = {
    HazardKind.STATEFUL_LOSS: stateful,
    HazardKind.PROTECTION_LOSS: weakened,
    HazardKind.NETWORK_EXPOSURE: exposed,
    HazardKind.IAM_WIDENING: widened,
    HazardKind.PROVIDER_REPLACE: providers,
    HazardKind.NODE_ROLL: node_roll,
    HazardKind.DOWNGRADE: downgrades,
}
SUBJECT = (HazardKind.PROTECTION_LOSS, HazardKind.IAM_WIDENING)
"""Kinds that are not reported for a deleted resource if the resource that it belongs to is deleted too."""


def hazards(alterations: Sequence[Alteration], dependencies: Dependencies) -> tuple[Hazard, ...]:
    """Return the hazards of a plan, the most dangerous first; one for each kind and resource.

    Args:
        alterations: all resources of the plan, including those that do not change.
        dependencies: URN -> property -> URNs of the resources whose outputs it is made of, after the deployment.
    """
    found: dict[tuple[HazardKind, str], dict[str, None]] = {}
    for kind, urn, text in _all(sorted(alterations, key=lambda each: each.urn), dependencies):
        found.setdefault((kind, urn), {})[text] = None
    return ordered(Hazard(kind=kind, urn=urn, what="; ".join(sorted(texts))) for (kind, urn), texts in found.items())


def _all(alterations: Sequence[Alteration], dependencies: Dependencies) -> Iterator[tuple[HazardKind, str, str]]:
    gone = {each.step.old.id for each in alterations if each.operation == "delete" and each.step.old} - {""}
    kept = {(HazardKind.IAM_WIDENING, urn, text) for urn, text in redistributed(alterations)}
    for each in alterations:
        for kind, detect in DETECTORS.items():
            if not (kind in SUBJECT and each.operation == "delete" and _is_about(each, gone)):
                told = ((kind, each.urn, text) for text in detect(each))
                yield from (one for one in told if one not in kept)
    for urn, text in admitted(alterations):
        yield HazardKind.NETWORK_EXPOSURE, urn, text
    changed = {each.urn for each in alterations if each.changes}
    if not changed:
        return
    was, will = before(alterations), after(alterations, dependencies)
    for urn, text in weakened_budgets(was, will):
        yield HazardKind.PROTECTION_LOSS, urn, text
    for urn, text in opened(was, will, changed):
        yield HazardKind.NETWORK_EXPOSURE, urn, text


def _is_about(alteration: Alteration, gone: set[str]) -> bool:
    """Return whether a resource refers to one that is deleted too, such as the policy of a role to the role."""
    return any(isinstance(value, str) and value in gone for value in (alteration.old or {}).values())
