"""`drydock policy [STACK...]`: check the planned resources of stacks against the policies."""

from typing import Annotated

import typer

from infra.commands.arguments import Quiet
from infra.engine import operations, session
from infra.engine.places import stack_names
from infra.engine.progress import Progress
from infra.errors import OperationError


def policy(
    stacks: Annotated[list[str] | None, typer.Argument(help="Environments; default: all.")] = None,
    quiet: Quiet = False,
) -> None:
    """Check the planned resources with the policy pack. Needs no cloud and no credentials."""
    chosen = list(dict.fromkeys(stacks or stack_names()))
    for stack in chosen:
        session.read_settings(stack)
    broken = 0
    progress = Progress(quiet=quiet, each_resource=False)
    for stack in chosen:
        progress.say("policy", f"checking {stack}")
        with session.from_nothing(stack, progress) as opened:
            opened.say_what_differs(progress)
            outcome = operations.preview(opened.stack, progress)
        advice = [
            e.policy_event for e in outcome.events if e.policy_event and e.policy_event.enforcement_level != "mandatory"
        ]
        for text in outcome.violations:
            print(f"{stack}: VIOLATION {text}")
        for event in advice:
            print(f"{stack}: advice {event.policy_name}: {' '.join(event.message.split())}")
        if not outcome.violations:
            outcome.require_success()
        resources = sum(outcome.counts.values())
        print(f"{stack}: {resources} planned resources, {len(outcome.violations)} violations, {len(advice)} advisories")
        broken += len(outcome.violations)
    if broken:
        raise OperationError(f"{broken} policy violation(s) in {', '.join(chosen)}; each line above has its remedy")
