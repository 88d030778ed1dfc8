"""Awaits a deletion: it is complete when the object and all its dependents have been removed."""

from localcloud.kubernetes.reference import Manifest, Query, Reference
from localcloud.kubernetes.verdict import Ready, Verdict, Waiting

TIMEOUT_SECONDS = 300
NAMESPACE_HOLDS = frozenset({"NamespaceContentRemaining", "NamespaceFinalizersRemaining"})


def queries(reference: Reference) -> list[Query]:
    """Return the query for the object."""
    return [
        Query(
            api_version=reference.api_version, kind=reference.kind, namespace=reference.namespace, name=reference.name
        )
    ]


def assess(found: list[Manifest], uid: str = "") -> Verdict:
    """Return whether the deletion is complete; an object of the same name with another uid is a new object."""
    live = [one for one in found if not uid or one["metadata"]["uid"] == uid]
    if not live:
        return Ready()
    kept_by = [one for one in live[0]["metadata"].get("finalizers", []) if one != "foregroundDeletion"]
    conditions = live[0].get("status", {}).get("conditions", [])
    remaining = [one["message"] for one in conditions if one["type"] in NAMESPACE_HOLDS and one["status"] == "True"]
    return Waiting("; ".join(["waiting until it is deleted", *(f"finalizer {one}" for one in kept_by), *remaining]))
