"""Objects that the stand-in made, told from those of anybody else by the field manager."""

from localcloud.cloud import Cloud
from localcloud.kubernetes.awaits import await_deleted
from localcloud.kubernetes.client import FIELD_MANAGER, KubernetesClient
from localcloud.kubernetes.reference import Reference


def delete_own(cloud: Cloud, reference: Reference) -> bool:
    """Delete an object and what it owns, and wait until it is gone; False where the stand-in has made none."""
    client = KubernetesClient(cloud.kubeconfig)
    live = client.get(reference)
    managers = {entry.get("manager") for entry in (live or {}).get("metadata", {}).get("managedFields", [])}
    if live is None or FIELD_MANAGER not in managers:
        return False
    client.delete(reference, "Foreground")
    await_deleted(client, reference, live, lambda _reason: None)
    return True
