"""moto drops the options of a flow log's destination.

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.ec2.models.flow_logs import FlowLogs
from moto.ec2.responses.flow_logs import FlowLogs as Responses

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto. Its responses read attributes by AWS's names."""

    def create_flow_logs(self: Any) -> Any:
        before = set(self.ec2_backend.flow_logs)
        answer = original(self)
        for id_ in set(self.ec2_backend.flow_logs) - before:
            self.ec2_backend.flow_logs[id_].destination_options = self._get_param("DestinationOptions")
        return answer

    changes.put(FlowLogs, "destination_options", None)
    original = changes.put(Responses, "create_flow_logs", create_flow_logs)


PATCH = Patch(name="ec2_flow_log_options", apply=apply)
