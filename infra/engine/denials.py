"""What pods and the role that deploys were denied by IAM in a local cloud, as the emulated account counts it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from infra.engine import deploy_role
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
    return [text(denial) for denial in _told(cloud) if denial["service_account"] and denial["last"] >= since]


def of_role(cloud: Cloud, role_arn: str) -> list[str]:
    """One text for each thing that the role which deploys was denied, with the policy to add it to."""
    return [
        f"{text(denial)}: {deploy_role.file_for(denial['action'])}"
        for denial in _told(cloud)
        if denial["role"] == role_arn
    ]


def _told(cloud: Cloud) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(f"{cloud.aws_endpoint}/drydock/denials")["denials"]
    return found


def text(denial: Mapping[str, Any]) -> str:
    """One denial for a person."""
    who = f"ServiceAccount {denial['service_account']}, " if denial["service_account"] else ""
    unknown = f"; not evaluated here: {', '.join(denial['unknown'])}" if denial["unknown"] else ""
    return (
        f"{who}role {denial['role']} is not authorized to perform {denial['action']} on {denial['resource']} "
        f"{denial['reason']}{unknown} ({denial['count']} times)"
    )


def require_none(cloud: Cloud, since: float = 0.0, role_arn: str = "") -> str:
    """Say that no pod was denied anything, nor the role that deploys, if there is one.

    Raises:
        OperationError: one was; the message names each.
    """
    if denied := _messages(cloud, since, role_arn):
        raise OperationError("\n".join(denied))
    return f"{'neither a pod nor the role that deploys' if role_arn else 'no pod'} was denied anything"


@contextmanager
def named(cloud: Cloud | None, since: float = 0.0, role_arn: str = "") -> Iterator[None]:
    """Add what was denied meanwhile to the error with which the block fails: it may be why."""
    try:
        yield
    except DrydockError as error:
        try:
            found = _messages(cloud, since, role_arn) if cloud else []
        except OperationError:  # the account does not answer, and the error that is raised says more
            found = []
        if any(each not in str(error) for each in found):
            text = "\n".join([str(error), *(each for each in found if each not in str(error))])
            error.args = (text, *error.args[1:])
        raise


def _messages(cloud: Cloud, since: float, role_arn: str) -> list[str]:
    """What a command fails with: a message for pods, and one for the role that deploys."""
    pods, role = of_pods(cloud, since), of_role(cloud, role_arn) if role_arn else []
    return [
        "\n".join([f"{what}:", *(f"  {each}" for each in denied)])
        for what, denied in (
            ("IAM denied pods what they asked AWS for; add it to the policy of their role", pods),
            ("IAM denied the deployment what it asked AWS for; add it to the policy that is named behind it", role),
        )
        if denied
    ]


def recently() -> float:
    """Since when denials count for a command that begins now."""
    return time.time() - RECENT_SECONDS
