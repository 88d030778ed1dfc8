"""What a check finds, and what it is given."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from stacks.names import Names
from stacks.settings import Settings

Verdict = Literal["ok", "fails", "unknown"]


class UnreadableError(Exception):
    """The account does not tell: it denies the action, or does not know it."""

    def __init__(self, action: str, reason: str) -> None:
        super().__init__(f"{action}: {reason}")
        self.action = action
        self.reason = reason


class Ask(Protocol):
    """Asks the account."""

    def __call__(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Return the answer; {} where what is asked for does not exist.

        Raises:
            UnreadableError: the account does not tell.
        """


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the report."""

    check: str
    """What was looked at, such as `region`."""
    verdict: Verdict
    found: str
    accepted: str = ""
    """What would be right."""
    remedy: str = ""
    """What to do where it is not."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The stack that is about to be deployed."""

    environment: str
    settings: Settings
    names: Names
    assumed_roles: tuple[str, ...] = ()
    """ARNs of `aws:assumeRoles`; the last one deploys."""
    existing: frozenset[str] = field(default_factory=frozenset)
    """Physical ids of the stack's own resources, by its state."""


Check = Callable[[Wanted, Ask], Iterator[Finding]]


def judged(check: str, found: str, accepted: str, remedy: str, *, ok: bool) -> Finding:
    """Make the finding of a check that has an answer."""
    return Finding(
        check=check, verdict="ok" if ok else "fails", found=found, accepted=accepted, remedy="" if ok else remedy
    )


def listed(answer: Mapping[str, Any], key: str) -> list[Any]:
    """Return the items of a list in an answer; none where it is absent."""
    return list(answer.get(key) or ())
