"""Every alert, in cases where it fires and where it does not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.health.readiness import Check
from app.sre.alert import Alert
from app.sre.alerts import Backlog, find
from app.sre.burn import TIERS, Tier
from app.sre.capacity import plan
from app.sre.counts import WINDOWS, Counts
from app.sre.growth import fit
from app.sre.instances import Instance
from app.sre.slo import evaluate_all

WELL = Counts(requests=1_000_000, within_200ms=1_000_000, within_500ms=1_000_000, reads=1000)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def alerts(
    windows: dict[str, Counts] | None = None,
    instances: list[Instance] | None = None,
    backlog: Backlog | None = None,
    checks: dict[str, Check] | None = None,
) -> dict[str, Alert]:
    found = find(
        evaluate_all(windows or {}),
        instances or [],
        backlog or Backlog(),
        plan(instances or [], 0, 0, fit([])),
        checks or {},
    )
    return {alert.name: alert for alert in found}


def instance(role: str = "serve", **report: Any) -> Instance:
    return Instance(name=f"{role}-1", role=role, age_seconds=1, report=report)


def failing(share: float, requests: int = 1_000_000) -> Counts:
    return Counts(
        requests=requests, server_errors=round(share * requests), within_200ms=requests, within_500ms=requests
    )


def test_a_healthy_service_has_no_alerts() -> None:
    """All objectives are met and all checks pass."""
    assert alerts(dict.fromkeys(WINDOWS, WELL), [instance()], checks={"database": Check(ok=True, detail="")}) == {}


@pytest.mark.parametrize("tier", TIERS, ids=lambda tier: tier.long)
def test_the_burn_rate_must_be_high_in_both_windows(tier: Tier) -> None:
    """The alert fires just above the factor in both windows, but not in only one of them."""
    above, below = failing(tier.factor * 0.001 + 0.0001), failing(tier.factor * 0.001 - 0.0001)
    only = {**dict.fromkeys(WINDOWS, WELL), "30d": WELL}

    firing = alerts({**only, tier.long: above, tier.short: above})["availability-burn-rate"]

    assert firing.severity == tier.severity
    assert tier.costs in firing.summary
    assert "availability-burn-rate" not in alerts({**only, tier.long: above, tier.short: below})
    assert "availability-burn-rate" not in alerts({**only, tier.long: below, tier.short: above})


def test_few_bad_events_do_not_page() -> None:
    """2 of 10 requests are a high rate, but too few events; 3 are enough."""
    assert alerts(dict.fromkeys(WINDOWS, failing(0.2, 10))) == {}
    assert "availability-burn-rate" in alerts(dict.fromkeys(WINDOWS, failing(0.3, 10)))


def test_only_the_most_severe_burn_rate_fires() -> None:
    """A page replaces tickets of the same objective."""
    found = alerts(dict.fromkeys(WINDOWS, failing(0.5)))

    assert found["availability-burn-rate"].severity == "page"
    assert next(iter(found.values())).severity == "page"
    assert "availability-budget-exhausted" in found


@pytest.mark.parametrize(
    ("share", "name"),
    [(0.0007, None), (0.0008, "availability-budget-low"), (0.001, "availability-budget-exhausted")],
)
def test_the_error_budget_has_alerts_below_a_quarter_and_at_0(share: float, name: str | None) -> None:
    """Both are tickets."""
    found = alerts({"30d": failing(share)})

    assert list(found) == ([name] if name else [])
    assert all(alert.severity == "ticket" for alert in found.values())


def test_an_open_breaker_has_its_instance_and_time() -> None:
    """The breaker of the database pages, others warn. Reports in unknown formats are tolerated."""
    opened = {"name": "database", "state": "open", "last_changed": SINCE.isoformat()}
    odd = [{"name": "upstream", "state": "open", "last_changed": "?"}, {"name": "queue", "state": "closed"}, "odd"]
    found = alerts(instances=[instance(breakers=[opened]), instance("worker", breakers=odd), instance(breakers=None)])

    assert list(found) == ["breaker-open-database", "breaker-open-upstream"]
    assert (found["breaker-open-database"].severity, found["breaker-open-database"].since) == ("page", SINCE)
    assert (found["breaker-open-upstream"].severity, found["breaker-open-upstream"].since) == ("warning", None)
    assert "worker-1" in found["breaker-open-upstream"].summary


def test_an_outbox_older_than_5_minutes_fires() -> None:
    """At exactly 5 minutes it does not fire."""
    late = Backlog(outbox=3, oldest_outbox_seconds=301, oldest_outbox_at=SINCE)

    assert alerts(backlog=late)["outbox-backlog"].since == SINCE
    assert alerts(backlog=Backlog(outbox=3, oldest_outbox_seconds=300)) == {}


def test_waiting_jobs_without_a_worker_fire() -> None:
    """Only after a minute, and only if no worker reports."""
    waiting = Backlog(unfinished=2, oldest_unfinished_seconds=61)

    assert alerts(backlog=waiting, instances=[instance()])["no-worker"].severity == "page"
    assert alerts(backlog=waiting, instances=[instance("worker")]) == {}
    assert alerts(backlog=Backlog(unfinished=2, oldest_unfinished_seconds=60)) == {}


def test_dead_letters_fire() -> None:
    """Messages in the queue by the report of a worker, or dead jobs in the table."""
    assert "2 messages" in alerts(instances=[instance("worker", queue={"dead": 2})])["dead-letters"].summary
    assert "1 jobs" in alerts(backlog=Backlog(dead_last_hour=1))["dead-letters"].summary
    assert alerts(instances=[instance("worker", queue={"dead": None}), instance("worker", queue=7)]) == {}


def test_a_failed_check_fires() -> None:
    """The summary has the check; a drain does not fire."""
    checks = {"lifecycle": Check(ok=False, detail="draining"), "database": Check(ok=False, detail="unreachable")}

    assert "database unreachable" in alerts(checks=checks)["not-ready"].summary
    assert alerts(checks={"lifecycle": checks["lifecycle"]}) == {}


def test_a_limit_within_two_weeks_fires() -> None:
    """Reached now or in ten days, but not later than two weeks."""
    growing = fit([10 + hour / 24 for hour in range(24 * 14)])

    def names(cpu: float) -> dict[str, Alert]:
        capacity = plan([instance(cpu=cpu, cpu_limit=1.0)], 10, 10, growing)
        return {alert.name: alert for alert in find([], [], Backlog(), capacity, {})}

    assert "in 10.0 days" in names(0.5)["capacity-cpu"].summary
    assert "now" in names(1.0)["capacity-cpu"].summary
    assert names(0.4) == {}
