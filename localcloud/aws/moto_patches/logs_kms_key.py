"""moto lacks AssociateKmsKey and DisassociateKmsKey of CloudWatch Logs.

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.responses import LogsResponse

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""
    changes.put(LogsResponse, "associate_kms_key", lambda self: _set(self, self._get_param("kmsKeyId")))
    changes.put(LogsResponse, "disassociate_kms_key", lambda self: _set(self, None))


def _set(self: Any, key: str | None) -> str:
    group = self.logs_backend.groups.get(self._get_param("logGroupName"))
    if group is None:
        raise ResourceNotFoundException
    group.kms_key_id = key
    return ""


PATCH = Patch(name="logs_kms_key", apply=apply)
