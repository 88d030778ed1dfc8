"""Awaits a Namespace: it is ready when its phase is Active."""

from localcloud.kubernetes.reference import Manifest, Query
from localcloud.kubernetes.verdict import Failed, Ready, Verdict, Waiting

TIMEOUT_SECONDS = 60


def timeout_seconds(_namespace: Manifest) -> int:
    """Return the timeout: a minute, because the API server activates a namespace when it is created."""
    return TIMEOUT_SECONDS


def queries(namespace: Manifest) -> list[Query]:
    """Return the query for the Namespace."""
    return [Query(api_version="v1", kind="Namespace", name=namespace["metadata"]["name"])]


def assess(namespaces: list[Manifest]) -> Verdict:
    """Return the state of the Namespace."""
    if not namespaces:
        return Failed("it was deleted meanwhile")
    phase = namespaces[0].get("status", {}).get("phase")
    return Ready() if phase == "Active" else Waiting(f"its phase is {phase}")
