"""Rules of ACM about the request of a certificate."""

from collections.abc import Iterator

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.rule import Parameters, RequestRules

_PUBLIC = ("RSA_2048", "EC_prime256v1", "EC_secp384r1")
# AWS's message, recorded from real requests. Its error code is not documented.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/acm/pf-acm-public-key-algorithm"


def _algorithm(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a key algorithm that ACM only accepts for imported and private certificates."""
    algorithm = parameters.get("KeyAlgorithm")
    if not isinstance(algorithm, str) or not known(algorithm) or parameters.get("CertificateAuthorityArn"):
        return
    if algorithm not in _PUBLIC:
        yield RefusedError(
            "ValidationException",
            f"Encryption Algorithm {algorithm} is not supported",
            path=("KeyAlgorithm",),
            value=algorithm,
            source=_MEASURED,
            accepted=", ".join(_PUBLIC),
        )


REQUEST_RULES: RequestRules = {("acm", "RequestCertificate"): (_algorithm,)}
