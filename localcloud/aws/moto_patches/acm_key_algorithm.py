"""moto drops the key algorithm of a certificate request, and describes each certificate with the one of its own key.

Upstream in 2026-11: not reported.
"""

from typing import Any

from moto.acm.models import CertBundle
from moto.acm.responses import AWSCertificateManagerResponse

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""

    def request(self: Any) -> Any:
        answer, algorithm = original(self), self._get_param("KeyAlgorithm")
        if algorithm:
            self.acm_backend.get_certificate(answer.result["CertificateArn"]).requested_algorithm = algorithm
        return answer

    def describe(self: Any) -> dict[str, Any]:
        told: dict[str, Any] = described(self)
        told["Certificate"]["KeyAlgorithm"] = getattr(self, "requested_algorithm", told["Certificate"]["KeyAlgorithm"])
        return told

    original = changes.put(AWSCertificateManagerResponse, "request_certificate", request)
    described = changes.put(CertBundle, "describe", describe)


PATCH = Patch(name="acm_key_algorithm", apply=apply)
