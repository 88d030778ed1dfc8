"""The history of the provider's operations, and which of them the engine's state contains.

The journal and the state file belong to two processes, and either process can end before both contain an operation.
Each operation has a revision, which is an output of the resource and so becomes part of the engine's state. For the
engine, an operation whose revision is not in the state never happened, so the account undoes it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Key = tuple[str, str]
"""URN and id of a resource. A replacement has the same URN as the replaced resource."""
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
    """Id of the operation. "" in old journals, whose operations had no id."""

    @property
    def key(self) -> Key:
        """URN and id of the resource."""
        return self.urn, self.id


def live(history: Iterable[Outcome]) -> dict[Key, Outcome]:
    """Return the last outcome of each existing resource, oldest resource first."""
    found: dict[Key, Outcome] = {}
    for outcome in history:
        if outcome.op == "delete":
            found.pop(outcome.key, None)
        else:
            found[outcome.key] = outcome
    return found


def unrecorded(history: Sequence[Outcome], known: Mapping[Key, str]) -> list[Outcome]:
    """Return the operations that the engine's state does not contain, oldest first.

    Args:
        history: all operations, in the order in which they finished.
        known: revision of each resource in the state, or "" if the state has none for it.
    """
    since: dict[Key, list[str]] = {}
    for outcome in history:
        revisions = since.setdefault(outcome.key, [])
        # A resource that is not in the state was never recorded or was deleted.
        if outcome.revision == known.get(outcome.key) or (outcome.key not in known and outcome.op == "delete"):
            revisions.clear()
        else:
            revisions.append(outcome.revision)
    lost = set(missing(history, known)) | {key for key, revision in known.items() if not revision}
    undone = {revision for key, revisions in since.items() if key not in lost for revision in revisions if revision}
    return [outcome for outcome in history if outcome.revision in undone]


def missing(history: Sequence[Outcome], known: Mapping[Key, str]) -> list[Key]:
    """Return the resources in the state whose revision is not in the journal, because the journal was lost or cut."""
    revisions = {outcome.revision for outcome in history}
    return [key for key, revision in known.items() if revision and revision not in revisions]
