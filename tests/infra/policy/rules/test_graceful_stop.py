"""kubernetes-graceful-stop."""

from typing import Any

import pytest

from infra.policy.rules.graceful_stop import RULE
from tests.infra.policy.compliant import CONFIG_MAP, CONTAINER, DEPLOYMENT, POD
from tests.infra.policy.judge import ABSENT, Given, violations

NO_DRAIN = CONFIG_MAP.but("data.DRAIN_SECONDS", "0")


def test_accepts_a_grace_period_that_holds_all_phases() -> None:
    """15 to be forgotten, 5 to drain, 20 to finish and 5 to end fit into 50 seconds."""
    assert violations(RULE, CONFIG_MAP, DEPLOYMENT) == []


@pytest.mark.parametrize(("seconds", "found"), [(44.0, "is 44, but"), (ABSENT, "is 30, but")])
def test_rejects_a_grace_period_that_ends_before(seconds: Any, found: str) -> None:
    """One second too few is found, and so is the default of Kubernetes."""
    [message] = violations(RULE, CONFIG_MAP, DEPLOYMENT.but(POD + "terminationGracePeriodSeconds", seconds))

    assert found in message
    assert "needs 45: preStop 15 + drain 5 + shutdown 20 + 5 to end" in message


def test_counts_variables_of_the_container_itself() -> None:
    """They win over those of a ConfigMap."""
    longer = DEPLOYMENT.but(CONTAINER + "env.0", {"name": "SHUTDOWN_GRACE_SECONDS", "value": "60"})

    [message] = violations(RULE, CONFIG_MAP, longer)

    assert "needs 85" in message


def test_rejects_a_server_that_stops_immediately() -> None:
    """Without hook and drain it refuses what load balancers still send."""
    [message] = violations(RULE, NO_DRAIN, DEPLOYMENT.but(CONTAINER + "lifecycle", ABSENT))

    assert "neither a preStop hook nor a drain" in message


@pytest.mark.parametrize(
    ("config", "server"),
    [(NO_DRAIN, DEPLOYMENT), (CONFIG_MAP, DEPLOYMENT.but(CONTAINER + "lifecycle", ABSENT))],
    ids=["hook", "drain"],
)
def test_accepts_either_way_to_leave_the_load_balancer(config: Given, server: Given) -> None:
    """A hook of Kubernetes or a drain of the service will do."""
    assert violations(RULE, config, server) == []


def test_accepts_a_worker_without_clients() -> None:
    """A container without ports has no requests to lose."""
    worker = DEPLOYMENT.but(CONTAINER + "lifecycle", ABSENT).but(CONTAINER + "ports", ABSENT)

    assert violations(RULE, NO_DRAIN, worker) == []


def test_rejects_a_worker_that_is_killed_over_its_work() -> None:
    """It has no hook, but drains and finishes as long as the settings say."""
    worker = DEPLOYMENT.but(CONTAINER + "lifecycle", ABSENT).but(CONTAINER + "ports", ABSENT)

    assert violations(RULE, CONFIG_MAP, worker.but(POD + "terminationGracePeriodSeconds", 30.0)) == []
    [message] = violations(RULE, CONFIG_MAP, worker.but(POD + "terminationGracePeriodSeconds", 29.0))
    assert "needs 30: preStop 0 + drain 5 + shutdown 20 + 5 to end" in message


def test_takes_no_config_map_of_another_namespace() -> None:
    """Names are resolved in their namespace; missing objects are ignored."""
    elsewhere = CONFIG_MAP.but("metadata.namespace", "other").but("data.SHUTDOWN_GRACE_SECONDS", "900")

    assert violations(RULE, elsewhere, DEPLOYMENT) == []
