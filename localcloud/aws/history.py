"""What the provider did to each resource, and which of it the engine's state knows.

An operation and the state file are two records in two processes, and either process can die before the second record
is written. Each operation has a revision, which goes into the resource's outputs and so into the engine's state. An
operation whose revision the state does not know never happened for the engine; the account undoes it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Key = tuple[str, str]
"""URN and id of a resource: a replacement has the URN of what it replaces."""
OPERATIONS = ("create", "update", "delete")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A finished operation of the provider on one resource."""

    op: str
    """One of `OPERATIONS`."""
    urn: str
    type: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    revision: str = ""
    """Id of the operation; "" in journals written before operations had one."""

    @property
    def key(self) -> Key:
        """The resource it was done to."""
        return self.urn, self.id


def live(history: Iterable[Outcome]) -> dict[Key, Outcome]:
    """Return the last outcome of each resource that exists, oldest resource first."""
    found: dict[Key, Outcome] = {}
    for outcome in history:
        if outcome.op == "delete":
            found.pop(outcome.key, None)
        else:
            found[outcome.key] = outcome
    return found


def unrecorded(history: Sequence[Outcome], known: Mapping[Key, str]) -> list[Outcome]:
    """Operations that the engine's state does not know, oldest first.

    Args:
        history: every operation, in the order they were finished.
        known: revision of each resource in the state, "" where the state has none for it.
    """
    since: dict[Key, list[str]] = {}
    for outcome in history:
        revisions = since.setdefault(outcome.key, [])
        # A resource that the state does not have was never recorded, or was deleted.
        if outcome.revision == known.get(outcome.key) or (outcome.key not in known and outcome.op == "delete"):
            revisions.clear()
        else:
            revisions.append(outcome.revision)
    lost = set(missing(history, known)) | {key for key, revision in known.items() if not revision}
    undone = {revision for key, revisions in since.items() if key not in lost for revision in revisions if revision}
    return [outcome for outcome in history if outcome.revision in undone]


def missing(history: Sequence[Outcome], known: Mapping[Key, str]) -> list[Key]:
    """Resources in the state at a revision that the account does not have, because its journal was lost or cut."""
    revisions = {outcome.revision for outcome in history}
    return [key for key, revision in known.items() if revision and revision not in revisions]
