"""The input and the result of a check."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from stacks.names import Names
from stacks.settings import Settings

DENIED = "denied"
"""The reason of a response that denies an action."""

Verdict = Literal["ok", "fails", "unknown"]


class UnreadableError(Exception):
    """The account cannot be read: the action is denied or unknown."""

    def __init__(self, action: str, reason: str, *, unreachable: bool = False) -> None:
        super().__init__(f"{action}: {reason}")
        self.action = action
        self.reason = reason
        self.unreachable = unreachable
        """Whether there was no response."""

    @property
    def sign_in(self) -> str:
        """What to do if the caller cannot be read, which needs no permission."""
        if self.unreachable:
            return "check the network, the proxy (HTTPS_PROXY) and AWS_ENDPOINT_URL"
        return "sign in, such as with `aws sso login`, or set AWS_PROFILE"

    @property
    def remedy(self) -> str:
        """What to do if another action cannot be read."""
        if self.unreachable:
            return "check the network and the proxy (HTTPS_PROXY), then run this again"
        if self.reason == DENIED:
            return f"allow {self.action} for the deployment, or check it yourself"
        return "run this again; if the error stays, check it yourself"


class Ask(Protocol):
    """Calls the account."""

    def __call__(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Return the response; {} if the resource does not exist.

        Raises:
            UnreadableError: the action is denied or unknown.
        """


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the report."""

    check: str
    """Name of the check, such as `region`."""
    verdict: Verdict
    found: str
    accepted: str = ""
    """The accepted values."""
    remedy: str = ""
    """What to do if the check fails."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The stack to deploy."""

    environment: str
    settings: Settings
    names: Names
    assumed_roles: tuple[str, ...] = ()
    """ARNs of the roles in `aws:assumeRoles`; the last one is the deploy role."""
    existing: frozenset[str] = field(default_factory=frozenset)
    """Physical ids of the resources in the stack's state."""


Check = Callable[[Wanted, Ask], Iterator[Finding]]


def judged(check: str, found: str, accepted: str, remedy: str, *, ok: bool) -> Finding:
    """Return the finding of a check whose result is known."""
    return Finding(
        check=check, verdict="ok" if ok else "fails", found=found, accepted=accepted, remedy="" if ok else remedy
    )


def listed(answer: Mapping[str, Any], key: str) -> list[Any]:
    """Return the items of a list in a response; empty if it is absent."""
    return list(answer.get(key) or ())
