"""Derives the pod that a workload would create from its template."""

from localcloud.kubernetes.reference import Manifest

TEMPLATES: dict[str, tuple[str, ...]] = {
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "DaemonSet": ("spec", "template"),
    "Deployment": ("spec", "template"),
    "Job": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
}


def pod_of(manifest: Manifest) -> Manifest | None:
    """Return a pod of the object's template, or None for a kind without one.

    Pod Security admission checks pods, not workloads: the API server accepts a Deployment whose pods it would reject.
    """
    template = manifest
    for key in TEMPLATES.get(manifest["kind"], ("",)):
        template = template.get(key) or {}
    if not template:
        return None
    metadata = {**template.get("metadata", {}), "namespace": manifest["metadata"]["namespace"]}
    metadata["generateName"] = f"{manifest['metadata']['name']}-"
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template.get("spec", {})}
