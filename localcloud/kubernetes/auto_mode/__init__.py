"""The kinds of objects that a cluster of EKS Auto Mode has beside Kubernetes' own: NodePool, NodeClass,
IngressClassParams and TargetGroupBinding; and SecretProviderClass, of the add-on that mounts secrets.

Their CustomResourceDefinitions are files here, so the API server itself checks schema and rules, and refuses unknown
fields. No node is made for a NodePool: all pods run on the local node.
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
    """Apply them; the API server serves the kinds within a second.

    Args:
        client: an administrator with `FIELD_MANAGER`, so that they are nobody's leftovers.
    """
    for definition in definitions():
        client.apply(definition, force=True)
