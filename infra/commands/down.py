"""`drydock down STACK`: delete everything of a stack, and check that nothing is left."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from infra.commands.arguments import Quiet, Stack
from infra.engine import checkpoint, command, leaks, operations, recovery, session
from infra.engine.places import LOCAL_STACK
from infra.engine.progress import Progress
from infra.engine.protection import require_unprotected
from infra.engine.remains import remains
from infra.errors import CorruptStateError, InputError
from infra.preflight.finding import UnreadableError
from infra.preflight.reader import Reader
from localcloud import control
from localcloud.errors import CloudError
from stacks.settings import Settings


def down(
    stack: Stack,
    keep_data: Annotated[
        bool, typer.Option("--keep-data", help="Only stop the local cloud; the next `up` uses its data again.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before deleting a stack on AWS.")] = False,
    quiet: Quiet = False,
) -> None:
    """Delete a stack. For `local`, also stop the local cloud and delete its state."""
    settings = session.read_settings(stack)
    progress = Progress(quiet=quiet)
    if stack != LOCAL_STACK:
        if keep_data:
            raise InputError(
                "--keep-data is for the local cloud; data on AWS is kept by deletionProtection and protect"
            )
        _delete_on_aws(stack, settings, progress, confirmed=yes)
        return
    command.clear_left_overs()
    state = session.state_folder(stack)
    if not state.exists():
        progress.report("gone", "there was nothing to delete")
        return
    with command.command_lock(state, lambda message: progress.say("recovery", message)):
        if keep_data:
            control.stop(state)
            progress.report("stopped", f"the data is kept in {state.relative_to(state.parents[1])}")
            return
        # Also if the cloud does not run, because then it is deleted as a whole.
        require_unprotected(stack, _readable(state, stack))
        cloud = control.running(state)
        # A local cloud for another region than that of the settings is of no use to the program; delete it as a whole.
        report = _destroy(stack, state, progress) if cloud and cloud.region == settings.region else None
        control.remove(state)
    progress.report("gone", "no process, no port and no state is left")
    if report:
        report.require_clean()


def _readable(state: Path, stack: str) -> list[dict[str, Any]]:
    """Return the resources of the state; none if there is no state or it is corrupt."""
    try:
        recovery.require_sound_state(state, stack)
        return checkpoint.resources(state, stack)
    except CorruptStateError:
        return []


def _destroy(stack: str, state: Path, progress: Progress) -> leaks.LeakReport | None:
    """Delete resource by resource and report what is left; None if the local cloud is too broken for that."""
    try:
        opened = session.open_in_local_cloud(stack, state, progress)
    except (CorruptStateError, CloudError) as error:
        progress.report("broken", f"{error}; the local cloud is deleted as a whole")
        return None
    with recovery.naming_ended_parts(state):
        operations.destroy(opened.stack, progress, checkpoint.resources(state, stack)).require_success()
    report = leaks.inspect(opened)
    progress.report("leaks", report.summary())
    return report


def _delete_on_aws(stack: str, settings: Settings, progress: Progress, *, confirmed: bool) -> None:
    if not confirmed and not sys.stdin.isatty():
        raise InputError(
            f"{stack} runs on AWS, and without a terminal the command cannot ask for confirmation; to delete it, add "
            "--yes"
        )
    with session.deployed(stack, progress) as opened:  # fails without a backend or credentials, before the question
        if not confirmed:
            _confirm(stack)
        before = (opened.stack.export_stack().deployment or {}).get("resources") or []
        done = operations.destroy(opened.stack, progress, before).require_success()
    progress.report("done", f"{done.summary()} in {done.seconds:.1f} s")
    _say_what_remains(stack, settings, before, progress)


def _confirm(stack: str) -> None:
    typed = typer.prompt(f"Everything of {stack} will be deleted. Type its name to continue")
    if typed != stack:
        raise InputError(f"{typed!r} is not {stack!r}; nothing was deleted")


def _say_what_remains(stack: str, settings: Settings, before: Sequence[Mapping[str, Any]], progress: Progress) -> None:
    """Report what is left after the destroy; a failure of the report does not fail the command."""
    try:
        ask = Reader(settings.region).assuming(session.assumed_roles(stack, settings))
    except UnreadableError as error:
        progress.report("remains", f"unknown, because the account cannot be read: {error}")
        return
    found = remains(before, ask)
    for remnant in found:
        progress.report("remains", str(remnant))
    if not found:
        progress.report("remains", "no snapshot, backup, key, secret, bucket, log group or repository of it is left")
