"""Reports the Deployments and Jobs of a local cloud that are not ready, with the reasons and logs of their pods."""

from localcloud.cloud import Cloud
from localcloud.kubernetes.awaits import NotReadyError, require_ready
from localcloud.kubernetes.client import KubernetesClient
from localcloud.kubernetes.reader import reader
from localcloud.kubernetes.reference import Manifest, reference_of

LISTS = {
    ("apps/v1", "Deployment"): "/apis/apps/v1/deployments",
    ("batch/v1", "Job"): "/apis/batch/v1/jobs",
}


def unready(cloud: Cloud) -> list[str]:
    """Return the message of the stand-in for each Deployment and Job in the cluster that is not ready."""
    client = KubernetesClient(cloud.kubeconfig)
    found = []
    for live in _workloads(cloud):
        try:
            require_ready(client, live, reference_of(live))
        except NotReadyError as error:
            found.append(str(error))
    return found


def _workloads(cloud: Cloud) -> list[Manifest]:
    with reader(cloud) as client:
        return [
            {"apiVersion": api_version, "kind": kind, **item}  # omitted in a list
            for (api_version, kind), path in LISTS.items()
            for item in client.get(path).raise_for_status().json()["items"]
        ]
