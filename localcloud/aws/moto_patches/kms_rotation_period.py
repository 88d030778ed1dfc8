"""moto drops RotationPeriodInDays in EnableKeyRotation, and does not return it in GetKeyRotationStatus.

Upstream in 2026-11: not reported.
"""

import json
from typing import Any

from moto.kms.responses import KmsResponse

from localcloud.aws.moto_patches.patch import Changes, Patch

DEFAULT_DAYS = 365  # https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html


def apply(changes: Changes) -> None:
    """Patch moto."""

    def enable_key_rotation(self: Any) -> str:
        answer: str = enable(self)
        _key(self).rotation_period_in_days = self._get_param("RotationPeriodInDays") or DEFAULT_DAYS
        return answer

    def get_key_rotation_status(self: Any) -> str:
        told = json.loads(status(self))
        if told["KeyRotationEnabled"]:
            told["RotationPeriodInDays"] = getattr(_key(self), "rotation_period_in_days", DEFAULT_DAYS)
        return json.dumps(told)

    enable = changes.put(KmsResponse, "enable_key_rotation", enable_key_rotation)
    status = changes.put(KmsResponse, "get_key_rotation_status", get_key_rotation_status)


def _key(self: Any) -> Any:
    backend = self.kms_backend
    return backend.keys[backend.get_key_id(self._get_param("KeyId"))]


PATCH = Patch(name="kms_rotation_period", apply=apply)
