"""aws-lb-current-tls."""

import pytest

from infra.policy.rules.lb_current_tls import RULE
from tests.infra.policy.compliant import LISTENER
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
    """By the name of AWS's policy."""
    assert violations(RULE, LISTENER.but("sslPolicy", policy)) == []


@pytest.mark.parametrize(
    "policy",
    ["ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS13-1-0-2021-06", "ELBSecurityPolicy-TLS-1-1-2017-01", ABSENT],
)
def test_rejects_older_protocols(policy: object) -> None:
    """The one that AWS takes by default among them."""
    [message] = violations(RULE, LISTENER.but("sslPolicy", policy))

    assert "sslPolicy is" in message


def test_looks_at_tls_alone() -> None:
    """HTTP has no policy, and a rule of its own."""
    assert violations(RULE, LISTENER.but("protocol", "HTTP").but("sslPolicy", ABSENT)) == []
