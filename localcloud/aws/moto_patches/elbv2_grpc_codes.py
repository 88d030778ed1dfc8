"""moto ignores a change of the gRPC codes that a health check expects.

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.elbv2 import responses

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""

    def modify(self: Any) -> Any:
        answer, codes = original(self), self._get_param("Matcher.GrpcCode")
        if codes:
            self.elbv2_backend.target_groups[self._get_param("TargetGroupArn")].matcher = {"GrpcCode": codes}
        return answer

    original = changes.put(responses.ELBV2Response, "modify_target_group", modify)


PATCH = Patch(name="elbv2_grpc_codes", apply=apply)
