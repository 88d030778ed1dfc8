"""Identifies objects that a program created, by their field manager.

Each object has its own field manager, such as `pulumi-kubernetes-1a2b3c4d`.
"""

from localcloud.cloud import Cloud
from localcloud.kubernetes.awaits import await_deleted
from localcloud.kubernetes.client import KubernetesClient
from localcloud.kubernetes.reference import FIELD_MANAGER, Manifest, Reference


def delete_own(cloud: Cloud, reference: Reference) -> bool:
    """Delete an object and its dependents, and wait for it; return False if no such object was created by a program."""
    client = KubernetesClient(cloud.kubeconfig)
    live = client.get(reference)
    if live is None or not is_own(live):
        return False
    client.delete(reference, "Foreground")
    await_deleted(client, reference, live, lambda _reason: None)
    return True


def is_own(live: Manifest) -> bool:
    """Return whether a program created an object, through the local cloud's provider or Pulumi's own."""
    managers = (str(entry.get("manager", "")) for entry in live["metadata"].get("managedFields", ()))
    return any(manager == FIELD_MANAGER or manager.startswith(f"{FIELD_MANAGER}-") for manager in managers)
