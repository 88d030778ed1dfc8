"""The resources of a stack that is previewed from nothing: what `reach` and `cost` read."""

import json
from pathlib import Path

from infra.engine import operations, session
from infra.engine.plan_file import planned_resources
from infra.engine.progress import Progress
from infra.resources.resource import Resource


def planned(stack: str) -> list[Resource]:
    """Preview a stack from nothing, offline, and give its resources."""
    progress = Progress(quiet=True)
    with session.from_nothing(stack) as opened:
        opened.say_what_differs(progress)
        path = (opened.state or Path()) / "plan.json"
        outcome = operations.preview(opened.stack, progress, judged=False, plan=path).require_success()
        return planned_resources(outcome.events, json.loads(path.read_text()))
