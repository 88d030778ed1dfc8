"""What somebody else changed in the fields that a program owns."""

from typing import Any

from localcloud.kubernetes.reference import Manifest

# Set by the API server, and different after each write.
BOOKKEEPING = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid")


def project(wanted: Any, applied: Any, live: Any) -> Any:
    """`wanted` with the live value wherever the object is no longer as applying `wanted` would make it.

    The API server tells what that is, by a dry run: so a default that it fills in, a quantity that it writes
    otherwise, a field that somebody else owns (the replicas under an autoscaler) is no drift.

    Args:
        wanted: inputs, or a part of them.
        applied: the same part of the object as it would be if they were applied now.
        live: the same part of the object as it is; None where it is gone.
    """
    if applied == live:
        return wanted
    if isinstance(wanted, dict) and isinstance(applied, dict) and isinstance(live, dict):
        found = {key: project(item, applied.get(key), live.get(key)) for key, item in wanted.items()}
        return {key: item for key, item in found.items() if item is not None}
    same_length = isinstance(wanted, list) and isinstance(applied, list) and isinstance(live, list)
    if same_length and len(wanted) == len(applied) == len(live):
        return [project(*items) for items in zip(wanted, applied, live, strict=True)]
    return live


def without_bookkeeping(manifest: Manifest) -> Manifest:
    """Return the object without status and without what the API server counts and signs."""
    metadata = {key: value for key, value in manifest.get("metadata", {}).items() if key not in BOOKKEEPING}
    return {**{key: value for key, value in manifest.items() if key != "status"}, "metadata": metadata}
