"""What the pods of a local cloud were denied by IAM, as the emulated account counts it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from infra.engine.loopback import ask
from infra.errors import DrydockError, OperationError
from localcloud.cloud import Cloud

RECENT_SECONDS = 60
"""How long ago a denial may be to count for a command: a worker that is denied tries again within that time."""


def of_pods(cloud: Cloud, since: float = 0.0) -> list[str]:
    """One text for each thing that a pod was denied and would be denied again, with role, action and resource.

    Args:
        cloud: a running local cloud.
        since: seconds since the epoch; what was last denied before does not count.
    """
    found: list[dict[str, Any]] = ask(f"{cloud.aws_endpoint}/drydock/denials")["denials"]
    return [text(denial) for denial in found if denial["service_account"] and denial["last"] >= since]


def text(denial: Mapping[str, Any]) -> str:
    """One denial for a person."""
    who = f"ServiceAccount {denial['service_account']}, " if denial["service_account"] else ""
    unknown = f"; not evaluated here: {', '.join(denial['unknown'])}" if denial["unknown"] else ""
    return (
        f"{who}role {denial['role']} is not authorized to perform {denial['action']} on {denial['resource']} "
        f"{denial['reason']}{unknown} ({denial['count']} times)"
    )


def require_none(cloud: Cloud, since: float = 0.0) -> str:
    """Say that no pod was denied anything.

    Raises:
        OperationError: one was; the message names each.
    """
    if denied := of_pods(cloud, since):
        raise OperationError(message(denied))
    return "no pod was denied anything"


@contextmanager
def named(cloud: Cloud | None, since: float = 0.0) -> Iterator[None]:
    """Add what pods were denied meanwhile to the error with which the block fails: it may be why."""
    try:
        yield
    except DrydockError as error:
        try:
            found = of_pods(cloud, since) if cloud else []
        except OperationError:  # the account does not answer, and the error that is raised says more
            found = []
        if any(each not in str(error) for each in found):
            error.args = (f"{error}\n{message(found)}", *error.args[1:])
        raise


def message(denied: list[str]) -> str:
    """What a command fails with."""
    lines = "\n".join(f"  {each}" for each in denied)
    return f"IAM denied pods what they asked AWS for; add it to the policy of their role:\n{lines}"


def recently() -> float:
    """Since when denials count for a command that begins now."""
    return time.time() - RECENT_SECONDS
