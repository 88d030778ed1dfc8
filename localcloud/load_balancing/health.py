"""Health checks of one target, and the state that results from them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from localcloud.cluster.addresses import loopback_of
from localcloud.load_balancing.model import HealthCheck, Target

USER_AGENT = "ELB-HealthChecker/2.0"
INITIAL, HEALTHY, UNHEALTHY, DRAINING, UNUSED = "initial", "healthy", "unhealthy", "draining", "unused"


@dataclass(frozen=True, kw_only=True)
class State:
    """The state of a target, with reason code and description, as in DescribeTargetHealth.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
    """

    state: str
    reason: str | None = None
    description: str | None = None


CHECKING = State(state=INITIAL, reason="Elb.InitialHealthChecking", description="Initial health checks in progress")
WELL = State(state=HEALTHY)
LEAVING = State(
    state=DRAINING, reason="Target.DeregistrationInProgress", description="Target deregistration is in progress"
)
NOT_IN_USE = State(
    state=UNUSED,
    reason="Target.NotInUse",
    description="Target group is not configured to receive traffic from the load balancer",
)


@dataclass(frozen=True, kw_only=True)
class Result:
    """The result of a health check; `reason` and `description` are set if it failed."""

    passed: bool
    reason: str = ""
    description: str = ""


class Health:
    """Derives the state of a target from the results of its health checks.

    A new target becomes healthy after its first successful check. Later changes require as many consecutive results as
    the thresholds: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html.
    """

    def __init__(self) -> None:
        self.state = CHECKING
        self._run = 0  # consecutive results: positive for passed checks, negative for failed ones

    def note(self, result: Result, check: HealthCheck) -> bool:
        """Record a result and return whether the state has changed."""
        before = self.state
        if result.passed:
            self._run = max(self._run, 0) + 1
            if self.state.state == INITIAL or self._run >= check.healthy:
                self.state = WELL
        else:
            self._run = min(self._run, 0) - 1
            if self.state.state == UNHEALTHY or -self._run >= check.unhealthy:
                self.state = State(state=UNHEALTHY, reason=result.reason, description=result.description)
        return self.state != before


async def probe(session: aiohttp.ClientSession, target: Target, check: HealthCheck) -> Result:
    """Run one health check of a target."""
    address, port = target
    number = port if check.port == "traffic-port" else int(check.port)
    url = f"http://{loopback_of(address)}:{number}{check.path}"
    headers = {"User-Agent": USER_AGENT, "Host": f"{address}:{number}", "Connection": "close"}
    try:
        async with (
            asyncio.timeout(check.timeout),
            session.get(url, headers=headers, allow_redirects=False) as response,
        ):
            if check.passes(response.status):
                return Result(passed=True)
            description = f"Health checks failed with these codes: [{response.status}]"
            return Result(passed=False, reason="Target.ResponseCodeMismatch", description=description)
    except TimeoutError:
        return Result(passed=False, reason="Target.Timeout", description="Request timed out")
    except (aiohttp.ClientError, OSError):
        return Result(passed=False, reason="Target.FailedHealthChecks", description="Health checks failed")


async def watch(
    session: aiohttp.ClientSession, target: Target, check: Callable[[], HealthCheck], noted: Callable[[Result], None]
) -> None:
    """Check a target until cancelled, starting immediately; `check` returns the current settings for each check."""
    while True:
        noted(await probe(session, target, check()))
        await asyncio.sleep(check().interval)
