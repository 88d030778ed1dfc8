"""The comment on a pull request: the verdict first, the hazards, the policies, and what changes in all stacks."""

from collections.abc import Mapping

from infra.difference import reports as difference
from infra.guard import reports
from infra.guard.judgement import Judgement
from infra.review.markup import plural
from infra.review.plan import Plan

MARKER = "<!-- drydock:guard -->"


def comment(judgement: Judgement, plans: Mapping[str, Plan]) -> str:
    """Return the comment, always short enough for GitHub."""
    blocks = [
        MARKER,
        f"### {_verdict(judgement, plans)}",
        difference.heads(plans),
        _titled("Hazards", reports.to_markdown(judgement)),
        _titled("Policy violations", difference.policies(plans)),
        "#### Changes" if any(plan.changes for plan in plans.values()) else "",
    ]
    return difference.with_changes(blocks, plans)


def _titled(title: str, text: str) -> str:
    return f"#### {title}\n\n{text}" if text else ""


def _verdict(judgement: Judgement, plans: Mapping[str, Plan]) -> str:
    broken = [stack for stack, plan in plans.items() if plan.violations]
    parts = [reports.verdict(judgement, difference.failed(plans))]
    if broken:
        number = sum(len(plans[stack].violations) for stack in broken)
        parts.append(f"⛔ {plural(number, 'policy violation')} in {', '.join(broken)}")
    return "; ".join(parts)
