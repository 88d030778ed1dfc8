"""The preflight of a stack on AWS: check the account, this machine and the checkout before the deployment."""

from datetime import UTC, datetime

from pulumi import automation
from pulumi.automation.errors import CommandError

from infra.engine import session
from infra.engine.account import reader
from infra.engine.failure_reason import failure_reason
from infra.engine.places import DOCKERFILE
from infra.engine.workspace import backend_url, require_shell_for_aws
from infra.errors import InputError, MissingStackError, OperationError
from infra.preflight import base_images, tools
from infra.preflight.finding import Finding, Wanted
from infra.preflight.run import examine
from stacks.names import Names

BY_STATE = ("name", "quota")
"""Checks that compare the account with the state of the stack."""


def findings(stack: str, existing: frozenset[str] = frozenset()) -> list[Finding]:
    """Check the account of this process's credentials.

    Args:
        stack: the stack.
        existing: physical ids of its existing resources.
    """
    settings = session.read_settings(stack)
    wanted = Wanted(
        environment=stack,
        settings=settings,
        names=Names(stack),
        assumed_roles=tuple(role.role_arn for role in session.assumed_roles(stack, settings)),
        existing=existing,
    )
    return [
        *tools.tools(),
        *tools.pulumi_cli(),
        *tools.state_backend(stack, backend_url(), protect=settings.protect),
        *base_images.base_images(DOCKERFILE, datetime.now(UTC).date()),
        *examine(wanted, reader(settings.region)),
    ]


def report(stack: str) -> list[Finding]:
    """Check the account, also if the state of the stack cannot be read: then its resources are unknown."""
    try:
        return findings(stack, known(stack))
    except OperationError as error:
        unread = tools.unreadable_state(stack, str(error))
    others = [each for each in findings(stack) if each.check not in BY_STATE]
    return [*others, unread]


def known(stack: str) -> frozenset[str]:
    """Return the physical ids of a stack's resources; empty without a backend, or without the stack in it.

    Without credentials it is empty too: the check of the credentials reports them.

    Raises:
        OperationError: the state cannot be read.
    """
    if not backend_url():
        return frozenset()
    require_shell_for_aws(stack)
    try:
        return existing_ids(session.open_state(stack))
    except (InputError, MissingStackError):
        return frozenset()
    except CommandError as error:
        raise OperationError(f"the state of {stack} cannot be read: {failure_reason(error)}") from error


def existing_ids(stack: automation.Stack) -> frozenset[str]:
    """Return the physical ids of a stack's resources, by its state."""
    deployment = stack.export_stack().deployment or {}
    return frozenset(str(each["id"]) for each in deployment.get("resources", ()) if each.get("id"))


def require_ready(stack: str, existing: frozenset[str]) -> None:
    """Stop if the account is not ready.

    Raises:
        OperationError: a check fails; the message has all failed checks with their remedies.
    """
    failed = [each for each in findings(stack, existing) if each.verdict == "fails"]
    if failed:
        lines = "\n".join(f"  {each.check}: {each.found}; accepted: {each.accepted}; {each.remedy}" for each in failed)
        raise OperationError(f"{stack} cannot be deployed to this account; nothing was created:\n{lines}")
