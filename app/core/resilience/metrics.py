"""Metrics of the circuit breakers, read at each scrape so that requests pay nothing for them."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.core.resilience.breaker import Breakers, State

_STATES: dict[State, int] = {"closed": 0, "half-open": 1, "open": 2}


class BreakerCollector(Collector):
    """The circuit breakers, including those that are created later."""

    def __init__(self, breakers: Breakers) -> None:
        self._breakers = breakers

    def collect(self) -> Iterator[Metric]:
        """Yield the state of each breaker, and how often it opened."""
        state = GaugeMetricFamily("breaker_state", "0 closed, 1 half-open, 2 open.", labels=("name",))
        opened = CounterMetricFamily("breaker_opened", "Times the breaker opened.", labels=("name",))
        for breaker in self._breakers.all():
            state.add_metric((breaker.name,), _STATES[breaker.state])
            opened.add_metric((breaker.name,), breaker.describe()["opened_count"])
        yield state
        yield opened
