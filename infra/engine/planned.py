"""The resources of a stack in a preview from an empty state, for `reach` and `cost`."""

from pathlib import Path

from infra.engine import operations, session
from infra.engine.plan_file import planned_resources, read_dependencies
from infra.engine.progress import Progress
from infra.resources.resource import Resource


def planned(stack: str) -> list[Resource]:
    """Preview a stack from an empty state, offline, and return its resources."""
    progress = Progress(each_resource=False)
    with session.from_nothing(stack, progress) as opened:
        opened.say_what_differs(progress)
        path = (opened.state or Path()) / "plan.json"
        outcome = operations.preview(opened.stack, progress, judged=False, plan=path).require_success()
        return planned_resources(outcome.events, read_dependencies(path))
