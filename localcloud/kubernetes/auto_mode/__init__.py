"""The custom resources of EKS Auto Mode, and SecretProviderClass of the add-on that mounts secrets.

The kinds of Auto Mode are NodePool, NodeClass, IngressClassParams and TargetGroupBinding. Their
CustomResourceDefinitions are files in this folder, so the API server itself validates objects and rejects unknown
fields. No nodes are created for a NodePool: all pods run on the nodes of this machine.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from localcloud.kubernetes.reference import Manifest

if TYPE_CHECKING:
    from localcloud.kubernetes.client import KubernetesClient

FIELD_MANAGER = "eks-auto-mode"


def definitions() -> Iterator[Manifest]:
    """Yield the CustomResourceDefinitions, by file name."""
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        yield yaml.safe_load(path.read_text(encoding="utf-8"))


def install(client: "KubernetesClient") -> None:
    """Apply the CustomResourceDefinitions; the API server serves the kinds within a second.

    Args:
        client: a client with administrator rights and `FIELD_MANAGER`, so that the definitions are not reported as
            leftovers of a program.
    """
    for definition in definitions():
        client.apply(definition, force=True)
