"""What the rules of the policy pack find in the resources of a plan, without the engine."""

from collections.abc import Sequence
from datetime import UTC, datetime

from infra.engine import exemptions
from infra.engine.progress import Progress
from infra.policy.levels import policies_for
from infra.policy.on_resources import judged
from infra.resources.resource import Resource
from infra.review.plan import Finding, by_gravity


def findings(stack: str, resources: Sequence[Resource]) -> tuple[Finding, ...]:
    """Return the findings at the levels of a stack, as the engine reports them.

    Raises:
        InputError: the file of exemptions is not valid.
    """
    exemptions.require_valid(stack, Progress(quiet=True))
    policies = policies_for(stack, datetime.now(UTC).date())
    demands = {policy.name: policy.description for policy in policies}
    found = [
        Finding(rule=each.rule, level=each.level.value, urn=each.urn, message=f"{demands[each.rule]}\n{each.message}")
        for each in judged(resources, policies)
    ]
    return tuple(sorted(found, key=by_gravity))
