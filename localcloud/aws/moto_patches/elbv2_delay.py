"""moto refuses a deregistration delay of 3600 seconds, which AWS accepts.

botocore elbv2 TargetGroupAttribute$Key: the range is 0-3600 seconds.

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.elbv2 import models

from localcloud.aws.moto_patches.patch import Changes, Patch

_KEY, _HIGHEST = "deregistration_delay.timeout_seconds", "3600"


def apply(changes: Changes) -> None:
    """Patch moto."""

    def modify(self: Any, target_group_arn: str, attributes: dict[str, Any]) -> None:
        highest = attributes.get(_KEY) == _HIGHEST
        accepted = {key: value for key, value in attributes.items() if key != _KEY or not highest}
        original(self, target_group_arn, accepted)
        if highest:
            self.target_groups[target_group_arn].attributes[_KEY] = _HIGHEST

    original = changes.put(models.ELBv2Backend, "modify_target_group_attributes", modify)


PATCH = Patch(name="elbv2_delay", apply=apply)
