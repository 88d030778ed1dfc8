"""The check of `up` on AWS that approvals.toml allows all hazards of the plan."""

from datetime import UTC, datetime
from pathlib import Path

from infra.engine.operations import Outcome
from infra.engine.places import ROOT, stack_names
from infra.engine.plan_file import read_dependencies
from infra.engine.progress import Progress
from infra.engine.session import read_settings
from infra.errors import OperationError
from infra.guard import reports
from infra.guard.judgement import judge
from infra.guard.read import FILE, read
from infra.review import plan_from_events
from infra.review.hazards.cost import with_cost_jump


def require_allowed(stack: str, outcome: Outcome, plan: Path, progress: Progress) -> None:
    """Check that the approvals allow all hazards of a preview.

    Entries that are wrong are only noted: they may be for a change that is deployed already, or for another stack.

    Args:
        stack: the stack.
        outcome: the preview.
        plan: the saved plan of the engine; it may be missing.
        progress: shows the notes.

    Raises:
        InputError: the file of approvals is not valid.
        OperationError: a hazard is not allowed.
    """
    today = datetime.now(UTC).date()
    approvals = read(ROOT / FILE, stack_names(), today)
    budget = read_settings(stack).budget.monthly_usd
    planned = with_cost_jump(plan_from_events(outcome.events, dependencies=read_dependencies(plan)), stack, budget)
    judgement = judge({stack: planned.hazards}, approvals, today)
    for problem in judgement.problems:
        progress.report("note", reports.message(problem))
    if refused := judgement.refused:
        report = reports.to_text(judge({stack: [each.hazard for each in refused]}, approvals, today, strict=()))
        raise OperationError(f"up of {stack} refused, and nothing was changed; see docs/guard.md:\n{report.rstrip()}")
