"""The maximum number of labelled series."""

from prometheus_client import CollectorRegistry, Counter

from app.telemetry.children import OVERFLOW, Children


def test_above_the_maximum_new_labels_share_one_series() -> None:
    """The sum stays correct, and known labels keep their own series."""
    counter = Counter("n", "n", ("a", "b"), registry=CollectorRegistry())
    children = Children(counter.labels, 2, most=3)
    for i in range(10):
        children.get(i, "x").inc()
    children.get(0, "x").inc()

    values = {(s.labels["a"], s.labels["b"]): s.value for s in counter.collect()[0].samples if s.name == "n_total"}
    assert values == {("0", "x"): 2, ("1", "x"): 1, ("2", "x"): 1, (OVERFLOW, OVERFLOW): 7}
