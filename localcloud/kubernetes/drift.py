"""Detects drift: changes by other clients to the fields that a program owns."""

from typing import Any

from localcloud.kubernetes.reference import Manifest

# Fields that the API server sets and that may change with each write.
BOOKKEEPING = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid")


def project(wanted: Any, applied: Any, live: Any) -> Any:
    """Return `wanted`, with the live value wherever the live object differs from the result of applying `wanted`.

    The result of applying is determined by a dry run of the API server. Therefore defaults, quantities in another
    notation, and fields with another owner (such as the replicas under an autoscaler) are not drift.

    Args:
        wanted: the inputs, or a part of them.
        applied: the same part of the object that applying the inputs now would produce.
        live: the same part of the live object; None if it does not exist.
    """
    if applied == live:
        return wanted
    if isinstance(wanted, dict) and isinstance(applied, dict) and isinstance(live, dict):
        found = {key: project(item, applied.get(key), live.get(key)) for key, item in wanted.items()}
        return {key: item for key, item in found.items() if item is not None}
    if isinstance(wanted, list) and isinstance(applied, list) and isinstance(live, list):
        # Like Pulumi's own provider, which compares by position and ignores items after those of the program.
        return [project(*items) for items in zip(wanted, [*applied, *([None] * len(live))], live, strict=False)]
    return live


def without_bookkeeping(manifest: Manifest) -> Manifest:
    """Return the object without its status and the metadata that the API server manages."""
    metadata = {key: value for key, value in manifest.get("metadata", {}).items() if key not in BOOKKEEPING}
    return {**{key: value for key, value in manifest.items() if key != "status"}, "metadata": metadata}
