"""Namespace and names of the objects of a workload."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.manifests.labels import labels


@dataclass(frozen=True)
class Place:
    """The namespace of a workload, and the name of its app."""

    namespace: pulumi.Output[str]
    app: str

    def metadata(
        self,
        object_name: pulumi.Input[str],
        role: str = "server",
        annotations: Mapping[str, str] | None = None,
    ) -> dict[str, object]:
        """Return the metadata of an object, with a fixed name, because people and other objects use it."""
        metadata: dict[str, object] = {
            "name": object_name,
            "namespace": self.namespace,
            "labels": labels(self.app, role),
        }
        return metadata | ({"annotations": dict(annotations)} if annotations else {})
