"""The pod of the service: one container that passes Pod Security `restricted`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pulumi

from components.manifests.process import Process

if TYPE_CHECKING:
    from pulumi_kubernetes.core import v1 as core

APP_UID = 10001  # the image's user
CONTAINER_PORT = 8080
PORT_NAME = "http"
ADMIN_PORT_NAME = "admin"
SECRETS_DIR = "/run/secrets/app"
SECRETS = "secrets"
AUTHORITIES = "database-authorities"
AUTHORITIES_DIR = "/run/database"
AUTHORITIES_FILE = "ca.pem"
SECRETS_DRIVER = "secrets-store.csi.k8s.io"
GRACE_MARGIN_SECONDS = 10  # for the kubelet and the exit of the process


@dataclass(frozen=True, kw_only=True)
class PodShape:
    """What server and migration pods share."""

    app: str
    image: pulumi.Input[str]
    service_account: pulumi.Input[str]
    config_map: pulumi.Input[str]
    secrets: pulumi.Input[str] | None
    """Name of the SecretProviderClass of the files in SECRETS_DIR; None: there is no such folder."""
    authorities: pulumi.Input[str] | None = None
    """Name of the ConfigMap with the certificates that pods trust for the database; None: those of the image."""
    config: Mapping[str, str] = field(default_factory=dict)
    """Environment variables that override those of the ConfigMap."""
    port: int = CONTAINER_PORT
    """Port that the servers listen on."""
    admin_port: int | None
    """Port of the operators' paths; None: they are on `port`."""
    cpu_request: str
    memory_request: str
    memory_limit: str


def termination_grace_seconds(pre_stop: int, drain: int, shutdown: int) -> int:
    """Return the seconds from the start of a pod's termination to SIGKILL: the sum of its phases plus a margin.

    Kubernetes counts the preStop hook as part of the grace period.
    """
    return pre_stop + drain + shutdown + GRACE_MARGIN_SECONDS


def pod_security_context() -> core.PodSecurityContextArgsDict:
    """Run as the image's user, never as root, with the default seccomp profile of the runtime."""
    return {
        "run_as_non_root": True,
        "run_as_user": APP_UID,
        "run_as_group": APP_UID,
        "fs_group": APP_UID,
        "seccomp_profile": {"type": "RuntimeDefault"},
    }


def container_security_context() -> core.SecurityContextArgsDict:
    """Drop every privilege: the process needs none."""
    return {
        "allow_privilege_escalation": False,
        "read_only_root_filesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def container(shape: PodShape, name: str, process: Process) -> core.ContainerArgsDict:
    """Return the container, with its settings as variables and its secrets as files."""
    made: core.ContainerArgsDict = {
        "name": name,
        "image": shape.image,
        "env": [
            # The pod's address, not all addresses: it works on any cluster, and local replicas can share a port.
            {"name": "HOST", "value_from": {"field_ref": {"field_path": "status.podIP"}}},
            *([{"name": "SECRETS_DIR", "value": SECRETS_DIR}] if shape.secrets else []),
            *(
                [{"name": "PGSSLROOTCERT", "value": f"{AUTHORITIES_DIR}/{AUTHORITIES_FILE}"}]
                if shape.authorities
                else []
            ),
            *({"name": name, "value": value} for name, value in sorted(shape.config.items())),
        ],
        "env_from": [{"config_map_ref": {"name": shape.config_map}}],
        "resources": {
            "requests": {"cpu": shape.cpu_request, "memory": shape.memory_request},
            # No CPU limit: throttling adds latency, and the request already protects other pods.
            "limits": {"memory": shape.memory_limit},
        },
        "security_context": container_security_context(),
        "volume_mounts": [
            {"name": "tmp", "mount_path": "/tmp"},  # noqa: S108 (an emptyDir of this pod alone)
            *([{"name": SECRETS, "mount_path": SECRETS_DIR, "read_only": True}] if shape.secrets else []),
            *([{"name": AUTHORITIES, "mount_path": AUTHORITIES_DIR, "read_only": True}] if shape.authorities else []),
        ],
    }
    if process.command:
        made["command"] = list(process.command)
    if process.args:
        made["args"] = list(process.args)
    return made


def pod_spec(shape: PodShape, server: core.ContainerArgsDict) -> core.PodSpecArgsDict:
    """Return the pod with its container."""
    return {
        "service_account_name": shape.service_account,
        "automount_service_account_token": False,
        "enable_service_links": False,
        "security_context": pod_security_context(),
        "containers": [server],
        "volumes": [
            {"name": "tmp", "empty_dir": {"size_limit": "64Mi"}},
            *([_mounted_secrets(shape.secrets)] if shape.secrets else []),
            *([{"name": AUTHORITIES, "config_map": {"name": shape.authorities}}] if shape.authorities else []),
        ],
    }


def _mounted_secrets(provider_class: pulumi.Input[str]) -> core.VolumeArgsDict:
    """Return the volume that the Secrets Store CSI driver fills with the permissions of the pod's role."""
    return {
        "name": SECRETS,
        "csi": {
            "driver": SECRETS_DRIVER,
            "read_only": True,
            "volume_attributes": {"secretProviderClass": provider_class},
        },
    }
