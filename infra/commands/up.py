"""`drydock up STACK`: check the plan, deploy it, and print the URL of the service."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from infra.commands.arguments import Quiet, Stack
from infra.engine import account_preflight, checkpoint, denials, deployed_program, operations, session, unready
from infra.engine.operations import Outcome
from infra.engine.places import LOCAL_STACK
from infra.engine.progress import Progress
from infra.engine.session import Session
from infra.engine.settled import is_settled
from infra.errors import InputError
from infra.guard import deployment


def up(
    stack: Stack,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before changing a stack on AWS.")] = False,
    quiet: Quiet = False,
) -> None:
    """Deploy a stack. `local` starts its local cloud first. The last line is the URL."""
    session.read_settings(stack)
    progress = Progress(quiet=quiet)
    program = deployed_program.digest(stack)  # before its import, because its files may change later
    with session.deployed(stack, progress) as opened, TemporaryDirectory() as folder:
        progress.say(stack, f"in the {opened.where}" if opened.cloud else f"on {opened.where}")
        opened.say_what_differs(progress)
        if opened.cloud is None:
            account_preflight.require_ready(stack, account_preflight.existing_ids(opened.stack))
        path = Path(folder) / "plan.json"
        plan, settled = _plan(opened, path, program)
        progress.say("plan", f"{plan.summary()}; no policy violation")
        if opened.cloud is None:
            deployment.require_allowed(stack, plan, path, progress)
        if not opened.cloud and plan.changes and not yes:
            _ask(stack, plan)
        since = denials.recently()
        if settled:
            outputs = plan.outputs
            progress.report("done", "nothing to do: the state matches the plan")
        else:
            done = _deploy(opened, progress, since, program)
            outputs = done.outputs
            progress.report("done", f"{done.summary()} in {done.seconds:.1f} s")
        if opened.cloud:
            denials.require_none(opened.cloud, since)
    if stack == LOCAL_STACK:
        progress.say("next", f'eval "$(drydock env {stack})" configures aws, kubectl and psql for it')
    if url := outputs.get("url"):
        print(url)


def _plan(opened: Session, path: Path, program: str) -> tuple[Outcome, bool]:
    """Preview, and return the plan and whether the local cloud matches it.

    The rules of the policy have passed for a program that was deployed today, and they pass for the same resources
    again. Starting the policy pack takes a second, so it runs only if the plan turns out to change something.
    """
    passed = opened.state is not None and deployed_program.was_judged(opened.state, program)
    plan = operations.preview(opened.stack, Progress(quiet=True), judged=not passed, plan=path).require_success()
    settled = _is_settled(opened, path, program)
    if passed and not settled:
        plan = operations.preview(opened.stack, Progress(quiet=True), plan=path).require_success()
    elif settled and opened.state and not passed:
        deployed_program.record(opened.state, program)
    return plan, settled


def _deploy(opened: Session, progress: Progress, since: float, program: str) -> Outcome:
    """Run the engine, and record the program in the local cloud after a complete deployment."""
    if opened.state:
        deployed_program.forget(opened.state)
    with denials.named(opened.cloud, since), unready.named(opened.cloud):
        done = operations.up(opened.stack, progress).require_success()
    if opened.state:
        deployed_program.record(opened.state, program)
    return done


def _is_settled(opened: Session, plan: Path, program: str) -> bool:
    """Return whether the local cloud matches the plan; on AWS the engine always runs."""
    if opened.state is None:
        return False
    if deployed_program.recorded(opened.state) != program:
        return False
    return is_settled(json.loads(plan.read_text()), checkpoint.deployment(opened.state, opened.name))


def _ask(stack: str, plan: Outcome) -> None:
    if not sys.stdin.isatty():
        raise InputError(
            f"{stack} runs on AWS, and without a terminal the command cannot ask for confirmation; review the plan, "
            "then add --yes"
        )
    typer.confirm(f"Change {stack} as planned ({plan.summary()})?", abort=True)
