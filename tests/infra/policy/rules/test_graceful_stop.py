"""kubernetes-graceful-stop."""

from typing import Any

import pytest

from infra.policy.rules.graceful_stop import RULE
from tests.infra.policy.compliant import CONFIG_MAP, CONTAINER, DEPLOYMENT, POD
from tests.infra.policy.judge import ABSENT, Given, violations

NO_DRAIN = CONFIG_MAP.but("data.DRAIN_SECONDS", "0")


def test_accepts_a_grace_period_that_holds_all_phases() -> None:
    """The phases preStop 15 s, drain 5 s, shutdown 20 s and end 5 s fit into 50 s."""
    assert violations(RULE, CONFIG_MAP, DEPLOYMENT) == []


@pytest.mark.parametrize(("seconds", "found"), [(44.0, "is 44, but"), (ABSENT, "is 30, but")])
def test_rejects_a_grace_period_that_is_too_short(seconds: Any, found: str) -> None:
    """Rejected are one second less than needed, and the default of Kubernetes (30 s)."""
    [message] = violations(RULE, CONFIG_MAP, DEPLOYMENT.but(POD + "terminationGracePeriodSeconds", seconds))

    assert found in message
    assert "needs 45: preStop 15 + drain 5 + shutdown 20 + 5 to end" in message


def test_counts_variables_of_the_container_itself() -> None:
    """They have precedence over those of a ConfigMap."""
    longer = DEPLOYMENT.but(CONTAINER + "env.0", {"name": "SHUTDOWN_GRACE_SECONDS", "value": "60"})

    [message] = violations(RULE, CONFIG_MAP, longer)

    assert "needs 85" in message


def test_rejects_a_server_that_stops_immediately() -> None:
    """Without preStop hook and drain it refuses requests that load balancers still send."""
    [message] = violations(RULE, NO_DRAIN, DEPLOYMENT.but(CONTAINER + "lifecycle", ABSENT))

    assert "neither a preStop hook nor a drain" in message


@pytest.mark.parametrize(
    ("config", "server"),
    [(NO_DRAIN, DEPLOYMENT), (CONFIG_MAP, DEPLOYMENT.but(CONTAINER + "lifecycle", ABSENT))],
    ids=["hook", "drain"],
)
def test_accepts_a_prestop_hook_or_a_drain(config: Given, server: Given) -> None:
    """Either of them lets load balancers remove the pod first."""
    assert violations(RULE, config, server) == []


def test_accepts_a_worker_without_clients() -> None:
    """A container without ports has no requests to lose."""
    worker = DEPLOYMENT.but(CONTAINER + "lifecycle", ABSENT).but(CONTAINER + "ports", ABSENT)

    assert violations(RULE, NO_DRAIN, worker) == []


def test_rejects_a_worker_that_is_killed_before_it_finishes() -> None:
    """It needs no preStop hook, but the time that the settings give for drain and shutdown."""
    worker = DEPLOYMENT.but(CONTAINER + "lifecycle", ABSENT).but(CONTAINER + "ports", ABSENT)

    assert violations(RULE, CONFIG_MAP, worker.but(POD + "terminationGracePeriodSeconds", 30.0)) == []
    [message] = violations(RULE, CONFIG_MAP, worker.but(POD + "terminationGracePeriodSeconds", 29.0))
    assert "needs 30: preStop 0 + drain 5 + shutdown 20 + 5 to end" in message


def test_ignores_a_config_map_of_another_namespace() -> None:
    """Names are resolved in the namespace of the pod; missing objects are ignored."""
    elsewhere = CONFIG_MAP.but("metadata.namespace", "other").but("data.SHUTDOWN_GRACE_SECONDS", "900")

    assert violations(RULE, elsewhere, DEPLOYMENT) == []
