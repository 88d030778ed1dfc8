"""moto refuses each change of a TLS listener, and ignores a change of its ALPN policy.

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.elbv2 import models, responses

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""

    def respond(self: Any) -> Any:
        answer, policy = responded(self), self._get_param("AlpnPolicy")
        if policy:
            answer.result["Listeners"][0].alpn_policy = policy
        return answer

    def modify(self: Any, arn: str, port: Any, protocol: Any, *rest: Any) -> Any:
        if protocol != "TLS":
            return modified(self, arn, port, protocol, *rest)
        listener = modified(self, arn, port, "HTTPS", *rest)  # which has a certificate too
        listener.protocol = "TLS"
        return listener

    responded = changes.put(responses.ELBV2Response, "modify_listener", respond)
    modified = changes.put(models.ELBv2Backend, "modify_listener", modify)


PATCH = Patch(name="elbv2_alpn", apply=apply)
