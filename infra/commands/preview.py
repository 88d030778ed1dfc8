"""`drydock preview STACK`: show the changes of an `up`, as text, Markdown or JSON."""

import json

from infra import review
from infra.commands.arguments import Json, Markdown, Quiet, Stack, require_one_format
from infra.engine import operations, session
from infra.engine.progress import Progress

NO_BASE = (
    "no base to compare with, so all resources are listed, not only the changes; `drydock diff` compares with a commit"
)


def preview(
    stack: Stack,
    as_json: Json = False,
    markdown: Markdown = False,
    quiet: Quiet = False,
) -> None:
    """Show what would change, compared with the best available state. Changes nothing."""
    require_one_format(as_json, markdown)
    progress = Progress(quiet=quiet, each_resource=not (as_json or markdown))
    with session.for_preview(stack, progress) as opened:
        progress.say("preview", f"{stack}, against: {opened.where}")
        opened.say_what_differs(progress)
        outcome = operations.preview(opened.stack, progress)
    plan = review.plan_from_events(outcome.events, compared=opened.compared)
    if as_json:
        print(json.dumps(review.to_json(plan), indent=2))
    elif markdown:
        print(review.to_markdown(plan, stack, base=opened.where))
    if not opened.compared:
        progress.report("note", NO_BASE)
    progress.report("preview", f"{outcome.summary()} in {outcome.seconds:.1f} s")
    outcome.require_success()
