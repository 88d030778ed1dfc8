"""moto drops the class of a log group in CloudWatch Logs.

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.logs.models import LogGroup
from moto.logs.responses import LogsResponse

from localcloud.aws.moto_patches.patch import Changes, Patch

_DEFAULT = "STANDARD"


def apply(changes: Changes) -> None:
    """Patch moto."""

    def create_log_group(self: Any) -> str:
        answer: str = create(self)
        group = self.logs_backend.groups[self._get_param("logGroupName")]
        group.log_group_class = self._get_param("logGroupClass") or _DEFAULT
        return answer

    def to_describe_dict(self: Any) -> dict[str, Any]:
        return {**describe(self), "logGroupClass": getattr(self, "log_group_class", _DEFAULT)}

    create = changes.put(LogsResponse, "create_log_group", create_log_group)
    describe = changes.put(LogGroup, "to_describe_dict", to_describe_dict)


PATCH = Patch(name="logs_class", apply=apply)
