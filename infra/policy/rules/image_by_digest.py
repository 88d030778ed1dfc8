"""Rule: every image is referenced by its digest, so that each node always runs the image that was tested.

Anchors: CKV_K8S_43, KSV-0013.
"""

import re
from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.resource import Resource
from infra.resources.workloads import WORKLOAD_TYPES, containers, label, pod_spec

DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")


def check(workload: Resource) -> Iterator[str]:
    """Yield containers whose image is referenced without a digest, or is not set."""
    for container in containers(pod_spec(workload)):
        image = container.get("image")
        if image is None or (isinstance(image, str) and not DIGEST.search(image)):
            yield f"{label(container)}: image is {image or 'not set'}"


RULE = resource_rule(
    name="kubernetes-image-by-digest",
    severity=Severity.HIGH,
    description="Every image must be referenced by its digest.",
    remedy="name it repository@sha256:..., which the Image component gives as its `ref`",
    types=WORKLOAD_TYPES,
    check=check,
)
