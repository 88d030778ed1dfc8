"""`drydock guard`: fail on hazards of this checkout that no entry of approvals.toml allows."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime

from infra.commands.arguments import Json, Markdown, Quiet, require_one_format
from infra.commands.diff import Base, Html, Stacks, State, compared, require_whole
from infra.difference import reports as difference
from infra.difference import revision
from infra.difference.compare import Comparison
from infra.engine.places import ROOT, stack_names
from infra.engine.progress import Progress
from infra.errors import InputError, OperationError
from infra.guard import reports
from infra.guard.approval import Approval
from infra.guard.comment import comment
from infra.guard.judgement import judge
from infra.guard.read import FILE, parse, read


def guard(
    stacks: Stacks = None,
    *,
    base: Base = None,
    state: State = None,
    as_json: Json = False,
    markdown: Markdown = False,
    html: Html = None,
    quiet: Quiet = False,
) -> None:
    """Fail if this checkout has hazards that approvals.toml does not allow. Changes nothing."""
    require_one_format(as_json, markdown)
    today = datetime.now(UTC).date()
    approvals = read(ROOT / FILE, stack_names(), today)
    found = compared(stacks, base, state, html, Progress(quiet=quiet))
    hazards = {stack: plan.hazards for stack, plan in found.plans.items()}
    judgement = judge(hazards, approvals, today, earlier=_earlier(found, today), strict=frozenset(found.with_commit))
    if as_json:
        errors = {stack: plan.errors for stack, plan in found.plans.items()}
        print(json.dumps(reports.to_json(judgement, errors), indent=2))
    elif markdown:
        print(comment(judgement, found.plans), end="")
    else:
        failed = difference.failed(found.plans)
        print(reports.to_text(judgement, difference.bases(found.plans), failed), end="")
    require_whole(found.plans)
    if not judgement.passed:
        raise OperationError(f"{reports.verdict(judgement)}; see docs/guard.md")


def _earlier(found: Comparison, today: date) -> Sequence[Approval]:
    """Return the entries of the file in the commit that is compared with; none if it is not valid there."""
    if found.commit is None:
        return ()
    try:
        return parse(revision.text_of(found.commit, FILE), stack_names(), today)
    except InputError:
        return ()
