"""`drydock policy [STACK...]`: check the planned resources of stacks, or those of a state file, with the policies."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from infra.commands.arguments import Quiet
from infra.engine import operations, session, state_file
from infra.engine.places import stack_names
from infra.engine.planned import planned
from infra.engine.progress import Progress
from infra.engine.shown import shown
from infra.errors import InputError, OperationError
from infra.policy.levels import policies_for
from infra.policy.on_resources import judged
from infra.review.markup import judged as counted
from infra.review.markup import plural


def policy(
    stacks: Annotated[list[str] | None, typer.Argument(help="Environments; default: all.")] = None,
    show: Annotated[
        str | None, typer.Option("--show", metavar="TYPE", help="Print what rules see of resources of this type.")
    ] = None,
    state: Annotated[
        Path | None, typer.Option("--state", metavar="FILE", help="Check the resources of a state file instead.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Check resources with the policy pack. Needs no cloud and no credentials."""
    if state:
        _check_state(state, stacks or [], show)
        return
    chosen = list(dict.fromkeys(stacks or stack_names()))
    for stack in chosen:
        session.read_settings(stack)
    if show:
        for stack in chosen:
            _print_shown(stack, show, shown(planned(stack), show))
        return
    progress = Progress(quiet=quiet, each_resource=False)
    broken = sum(_check(stack, progress) for stack in chosen)
    _require_none(broken, chosen)


def _check(stack: str, progress: Progress) -> int:
    """Preview a stack, print the findings, and return the number of violations."""
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
    print(f"{stack}: {resources} planned resources, {counted(len(outcome.violations), len(advice))}")
    return len(outcome.violations)


def _check_state(path: Path, stacks: list[str], show: str | None) -> None:
    """Check the resources of a state file with the levels and exemptions of its stack."""
    if len(stacks) > 1:
        raise InputError(f"--state {path}: a state file is of one stack; name one stack, or none")
    found, resources = state_file.read(path)
    stack = stacks[0] if stacks else found
    if show:
        _print_shown(stack, show, shown(resources, show))
        return
    verdicts = judged(resources, policies_for(stack, datetime.now(UTC).date()))
    for verdict in verdicts:
        kind = "VIOLATION" if verdict.mandatory else "advice"
        print(f"{stack}: {kind} {verdict.rule}: {' '.join(verdict.message.split())}")
    broken = sum(verdict.mandatory for verdict in verdicts)
    advice = len(verdicts) - broken
    print(f"{stack}: {len(resources)} deployed resources, {counted(broken, advice)}")
    _require_none(broken, [stack])


def _print_shown(stack: str, wanted: str, texts: list[str]) -> None:
    if not texts:
        raise InputError(
            f"--show {wanted}: {stack} has no resource of this type; name its type token, such as aws:s3/bucket:Bucket"
        )
    for text in texts:
        print(text)


def _require_none(broken: int, stacks: list[str]) -> None:
    if broken:
        found = plural(broken, "policy violation")
        raise OperationError(f"{found} in {', '.join(stacks)}; each line above has its remedy")
