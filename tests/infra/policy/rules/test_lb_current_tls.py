"""aws-lb-current-tls."""

import pytest

from infra.policy.rules.lb_current_tls import RULE
from tests.infra.policy.compliant import DISTRIBUTION, LISTENER
from tests.infra.policy.judge import ABSENT, violations


@pytest.mark.parametrize(
    "policy",
    [
        "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        "ELBSecurityPolicy-TLS13-1-3-2021-06",
        "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "ELBSecurityPolicy-TLS-1-2-2017-01",
        "ELBSecurityPolicy-FS-1-2-Res-2020-10",
    ],
)
def test_accepts_tls_1_2_and_later(policy: str) -> None:
    """The protocols follow from the name of AWS's policy."""
    assert violations(RULE, LISTENER.but("sslPolicy", policy)) == []


@pytest.mark.parametrize(
    "policy",
    ["ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS13-1-0-2021-06", "ELBSecurityPolicy-TLS-1-1-2017-01", ABSENT],
)
def test_rejects_older_protocols(policy: object) -> None:
    """Without the property, AWS's default policy allows older protocols too."""
    [message] = violations(RULE, LISTENER.but("sslPolicy", policy))

    assert "sslPolicy is" in message


def test_accepts_an_http_listener() -> None:
    """A listener for HTTP has no TLS policy; another rule checks it."""
    assert violations(RULE, LISTENER.but("protocol", "HTTP").but("sslPolicy", ABSENT)) == []


@pytest.mark.parametrize("oldest", ["TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"])
def test_accepts_cloudfront_with_current_protocols(oldest: str) -> None:
    """Connections from clients and to the origin have to be encrypted."""
    assert violations(RULE, DISTRIBUTION.but("viewerCertificate.minimumProtocolVersion", oldest)) == []
    assert violations(RULE, DISTRIBUTION.but("defaultCacheBehavior.viewerProtocolPolicy", "https-only")) == []


@pytest.mark.parametrize(
    ("where", "value", "says"),
    [
        ("viewerCertificate.minimumProtocolVersion", "TLSv1.1_2016", "minimumProtocolVersion is TLSv1.1_2016"),
        ("viewerCertificate", {"cloudfrontDefaultCertificate": True}, "minimumProtocolVersion is TLSv1"),
        ("defaultCacheBehavior.viewerProtocolPolicy", "allow-all", "viewerProtocolPolicy is allow-all"),
        (
            "origins",
            [{"customOriginConfig": {"originProtocolPolicy": "match-viewer"}}],
            "originProtocolPolicy is match-viewer",
        ),
        ("orderedCacheBehaviors", [{"viewerProtocolPolicy": "allow-all"}], "viewerProtocolPolicy is allow-all"),
    ],
)
def test_rejects_cloudfront_that_is_not_encrypted(where: str, value: object, says: str) -> None:
    """Rejected are old protocols and plain HTTP, from clients or to the origin."""
    [message] = violations(RULE, DISTRIBUTION.but(where, value))

    assert says in message
