"""Describes this machine as Kubernetes nodes, one in each zone of the region, so that topology spread has an effect.

All nodes are the same machine and are served by one agent. The allocatable resources are nominal and much larger than
those of the machine, so that the requests of a production stack can be scheduled; `capacity` has the real values.
"""

import os
import platform

import psutil

from localcloud.cluster.api import Manifest
from localcloud.cluster.events import now

ZONES = ("a", "b", "c")
HOST_ADDRESS = "127.0.0.1"
ALLOCATABLE = {"cpu": "64", "memory": "256Gi", "ephemeral-storage": "1Ti", "pods": "110"}
LEASE_SECONDS = 40
LEASE_NAMESPACE = "kube-node-lease"

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_HEALTHY = {
    "MemoryPressure": ("False", "KubeletHasSufficientMemory"),
    "DiskPressure": ("False", "KubeletHasNoDiskPressure"),
    "PIDPressure": ("False", "KubeletHasSufficientPID"),
    "Ready": ("True", "KubeletReady"),
}


def node_names() -> list[str]:
    """Return the names of this machine's nodes."""
    return [f"drydock-{zone}" for zone in ZONES]


def node(name: str, region: str, version: str, kubelet_port: int) -> Manifest:
    """Return the manifest of a Node that is Ready.

    Args:
        name: one of `node_names()`.
        region: such as eu-central-1; the zone is the region and the name's last letter.
        version: version of the API server, such as v1.35.4.
        kubelet_port: port from which the API server fetches logs.
    """
    architecture = _ARCHITECTURES.get(platform.machine(), platform.machine())
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "kubernetes.io/arch": architecture,
                "kubernetes.io/os": "linux",
                "kubernetes.io/hostname": name,
                "node.kubernetes.io/instance-type": "local",
                # The label that Karpenter puts on an on-demand node; pods that must not be interrupted select it.
                "karpenter.sh/capacity-type": "on-demand",
                "topology.kubernetes.io/region": region,
                "topology.kubernetes.io/zone": f"{region}{name[-1]}",
            },
        },
        "spec": {"providerID": f"aws:///{region}{name[-1]}/i-{name}"},
        "status": status(version, kubelet_port),
    }


def status(version: str, kubelet_port: int) -> Manifest:
    """Return the current status of a node, suitable for a strategic merge patch."""
    architecture = _ARCHITECTURES.get(platform.machine(), platform.machine())
    capacity = {
        "cpu": str(os.cpu_count()),
        "memory": f"{psutil.virtual_memory().total // 1024}Ki",
        "ephemeral-storage": f"{psutil.disk_usage('/').total // 1024}Ki",
        "pods": ALLOCATABLE["pods"],
    }
    return {
        "capacity": capacity,
        "allocatable": ALLOCATABLE,
        "addresses": [{"type": "InternalIP", "address": HOST_ADDRESS}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": kubelet_port}},
        "nodeInfo": {
            "architecture": architecture,
            "operatingSystem": "linux",
            "osImage": "this machine",
            "kernelVersion": platform.release(),
            "kubeletVersion": version,
            "kubeProxyVersion": "",
            "containerRuntimeVersion": "drydock://processes",
            "machineID": "",
            "systemUUID": "",
            "bootID": "",
        },
        "conditions": [
            {"type": kind, "status": value, "reason": reason, "message": "", "lastHeartbeatTime": now()}
            for kind, (value, reason) in _HEALTHY.items()
        ],
    }


def is_healthy(found: Manifest, kubelet_port: int) -> bool:
    """Return whether a node found in the API server has the conditions and the port that this machine reports."""
    conditions = {item["type"]: item["status"] for item in found.get("status", {}).get("conditions") or []}
    port = found.get("status", {}).get("daemonEndpoints", {}).get("kubeletEndpoint", {}).get("Port")
    return port == kubelet_port and all(conditions.get(kind) == value for kind, (value, _) in _HEALTHY.items())
