"""Requests of pods and of the deploy role that IAM denied in a local cloud, as the emulated account counts them."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from infra.engine import deploy_role
from infra.engine.loopback import ask
from infra.errors import DrydockError, OperationError
from localcloud.aws.iam.denials import about_any_name
from localcloud.cloud import Cloud

RECENT_SECONDS = 60
"""Maximum age of a denial for a command; a denied worker retries within that time."""


def of_pods(cloud: Cloud, since: float = 0.0) -> list[str]:
    """Return a text for each request that pods were denied and would be denied again, with role, action and resource.

    Args:
        cloud: a running local cloud.
        since: seconds since the epoch; older denials are ignored.
    """
    return [text(denial) for denial in _told(cloud) if denial["service_account"] and denial["last"] >= since]


def of_role(cloud: Cloud, role_arn: str) -> list[str]:
    """Return a text for each request that the deploy role was denied, with the policy to add it to."""
    return [
        f"{text(denial)}: {deploy_role.file_for(denial['action'])}"
        for denial in _told(cloud)
        if denial["role"] == role_arn
    ]


def _told(cloud: Cloud) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(f"{cloud.aws_endpoint}/drydock/denials")["denials"]
    return found


def text(denial: Mapping[str, Any]) -> str:
    """Return the message of a denial."""
    who = f"ServiceAccount {denial['service_account']}, " if denial["service_account"] else ""
    unknown = f"; not evaluated here: {', '.join(denial['unknown'])}" if denial["unknown"] else ""
    return (
        f"{who}role {denial['role']} is not authorized to perform {denial['action']} on {denial['resource']} "
        f"{denial['reason']}{unknown}{about_any_name(denial['resource'])} ({denial['count']} times)"
    )


def require_none(cloud: Cloud, since: float = 0.0, role_arn: str = "") -> str:
    """Check that no request of a pod or of the deploy role was denied, and return a message.

    Raises:
        OperationError: a request was denied; the message lists all.
    """
    if denied := _messages(cloud, since, role_arn):
        raise OperationError("\n".join(denied))
    return f"no request of {'pods or the deploy role' if role_arn else 'pods'} was denied"


@contextmanager
def named(cloud: Cloud | None, since: float = 0.0, role_arn: str = "") -> Iterator[None]:
    """Add the denials during the block to its error, because they may be the cause."""
    try:
        yield
    except DrydockError as error:
        try:
            found = _messages(cloud, since, role_arn) if cloud else []
        except OperationError:  # the account is unavailable, and the raised error says more
            found = []
        error.append(each for each in found if each not in str(error))
        raise


def _messages(cloud: Cloud, since: float, role_arn: str) -> list[str]:
    """Return the messages of a failed command: one for pods, and one for the deploy role."""
    pods, role = of_pods(cloud, since), of_role(cloud, role_arn) if role_arn else []
    return [
        "\n".join([f"{what}:", *(f"  {each}" for each in denied)])
        for what, denied in (
            ("IAM denied requests of pods; add the actions to the policy of their role", pods),
            (
                "IAM denied requests of the deployment; add each action, or its resource, to the file that follows it",
                role,
            ),
        )
        if denied
    ]


def recently() -> float:
    """Return the time from which denials count for a command that starts now."""
    return time.time() - RECENT_SECONDS
