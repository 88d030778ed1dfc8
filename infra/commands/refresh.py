"""`drydock refresh STACK`: find changes made outside of Pulumi."""

from infra.commands.arguments import Quiet, Stack
from infra.engine import operations, session
from infra.engine.drift import drift_from_events
from infra.engine.progress import Progress


def refresh(stack: Stack, quiet: Quiet = False) -> None:
    """Update the state from the actual resources, and list the drift; `up` then repairs it."""
    session.read_settings(stack)
    progress = Progress(quiet=quiet, each_resource=False)
    with session.deployed(stack, progress) as opened:
        outcome = operations.refresh(opened.stack, progress).require_success()
    drift = drift_from_events(outcome.events)
    for change in drift:
        print(f"drift: {change}")
    progress.report("refresh", f"{outcome.summary()} in {outcome.seconds:.1f} s")
    if drift:
        progress.say("next", f"repair with: drydock up {stack}")
    else:
        print("no drift")
