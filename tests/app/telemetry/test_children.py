"""The bound of labelled series."""

from prometheus_client import CollectorRegistry, Counter

from app.telemetry.children import OVERFLOW, Children


def test_beyond_the_bound_all_share_one_series() -> None:
    """Nothing is lost from the sum, and known labels keep their own series."""
    counter = Counter("n", "n", ("a", "b"), registry=CollectorRegistry())
    children = Children(counter.labels, 2, most=3)
    for i in range(10):
        children.get(i, "x").inc()
    children.get(0, "x").inc()

    values = {(s.labels["a"], s.labels["b"]): s.value for s in counter.collect()[0].samples if s.name == "n_total"}
    assert values == {("0", "x"): 2, ("1", "x"): 1, ("2", "x"): 1, (OVERFLOW, OVERFLOW): 7}
