"""Objects that a program made, told from those of anybody else by the field manager.

Each object has one of its own, `pulumi-kubernetes-1a2b3c4d`.
"""

from localcloud.cloud import Cloud
from localcloud.kubernetes.awaits import await_deleted
from localcloud.kubernetes.client import KubernetesClient
from localcloud.kubernetes.reference import FIELD_MANAGER, Manifest, Reference


def delete_own(cloud: Cloud, reference: Reference) -> bool:
    """Delete an object and what it owns, and wait until it is gone; False where a program has made none."""
    client = KubernetesClient(cloud.kubeconfig)
    live = client.get(reference)
    if live is None or not is_own(live):
        return False
    client.delete(reference, "Foreground")
    await_deleted(client, reference, live, lambda _reason: None)
    return True


def is_own(live: Manifest) -> bool:
    """Return whether a program made an object, by the stand-in or by Pulumi's own provider."""
    managers = (str(entry.get("manager", "")) for entry in live["metadata"].get("managedFields", ()))
    return any(manager == FIELD_MANAGER or manager.startswith(f"{FIELD_MANAGER}-") for manager in managers)
