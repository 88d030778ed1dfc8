"""PodDisruptionBudgets that no longer limit evictions, or permit more of them."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from infra.policy.pod_counts import autoscalers, fewest_pods, scalers_of
from infra.reach.selectors import selects
from infra.reach.verdict import Verdict
from infra.resources.properties import UNKNOWN, at, is_number
from infra.resources.resource import Resource

BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
WORKLOADS = ("kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet")


def weakened_budgets(before: Sequence[Resource], after: Sequence[Resource]) -> Iterator[tuple[str, str]]:
    """Yield the URN of a budget of the pods that stay, and what it permits.

    A budget that is deleted together with its pods, or that another one takes the place of, is not returned.
    """
    for budget in (each for each in before if each.type == BUDGET):
        pods = [each for each in after if each.type in WORKLOADS and _selects(budget, each) is Verdict.YES]
        found = dict.fromkeys(_weaker(budget, workload, before, after) for workload in pods)
        yield from ((budget.urn, text) for text in found if text)


def _weaker(budget: Resource, workload: Resource, before: Sequence[Resource], after: Sequence[Resource]) -> str:
    others = [each for each in after if each.type == BUDGET and _selects(each, workload) is not Verdict.NO]
    if not others:
        return "no disruption budget limits evictions of its pods any more"
    weaker = all(_permits_more(budget, each, before, after, workload) for each in others)
    return "its disruption budget permits more evictions at a time" if weaker else ""


def _selects(budget: Resource, workload: Resource) -> Verdict:
    namespaces = [at(each.properties, "metadata.namespace") for each in (budget, workload)]
    if UNKNOWN not in namespaces and namespaces[0] != namespaces[1]:
        return Verdict.NO
    return selects(at(budget.properties, "spec.selector"), at(workload.properties, "spec.template.metadata.labels"))


def _permits_more(
    old: Resource, new: Resource, before: Sequence[Resource], after: Sequence[Resource], workload: Resource
) -> bool:
    """Return whether a budget lets more pods be evicted at a time, and not only because there are more pods.

    Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
    """
    most = [_amount(at(each.properties, "spec.maxUnavailable")) for each in (old, new)]
    fewest = [_amount(at(each.properties, "spec.minAvailable")) for each in (old, new)]
    if most[0] and most[1]:
        return most[0].unit == most[1].unit and most[0].number < most[1].number
    if not (fewest[0] and fewest[1]) or fewest[0].unit != fewest[1].unit or fewest[0].number <= fewest[1].number:
        return False
    was = next((each for each in before if each.urn == workload.urn), workload)
    pods = [_pods(was, before), _pods(workload, after)]
    if fewest[0].unit == "%" or pods[0] is None or pods[1] is None:
        return True
    return pods[0] - fewest[0].number < pods[1] - fewest[1].number


def _pods(workload: Resource, resources: Sequence[Resource]) -> float | None:
    found = fewest_pods(workload.properties, scalers_of(workload.properties, autoscalers(resources)))
    return found if is_number(found) else None


class _Amount(NamedTuple):
    unit: str
    number: float


def _amount(value: Any) -> _Amount | None:
    if is_number(value):
        return _Amount("", value)
    if isinstance(value, str) and value.removesuffix("%").isdigit():
        return _Amount("%" if value.endswith("%") else "", float(value.removesuffix("%")))
    return None
