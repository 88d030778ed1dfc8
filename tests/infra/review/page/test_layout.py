"""The graph of the components."""

from hypothesis import given
from hypothesis import strategies as st

from infra.review import plan_from_events
from infra.review.page.layout import boxes
from infra.review.plan import Node, Plan
from tests.infra.review.built import component, step, urn

NAMES = ["network", "cluster", "database", "service"]


def plan_of(needs: dict[str, list[str]]) -> Plan:
    """Return a plan with one resource in each component."""
    nodes = [
        Node(urn=f"urn::{name}", type="a:b:C", name=name, component=name, dependencies=tuple(others), properties={})
        for name, others in {name: [f"urn::{other}" for other in each] for name, each in needs.items()}.items()
    ]
    return Plan(changes=(), unchanged=len(nodes), findings=(), judged=False, errors=(), nodes=tuple(nodes))


def test_a_component_is_right_of_all_that_it_needs() -> None:
    """And its edges lead to those only that no other edge reaches."""
    found = boxes(plan_of({"service": ["database", "network"], "database": ["network"], "network": []}))

    assert [(box.name, box.column, box.needs) for box in found] == [
        ("network", 0, ()),
        ("database", 1, ("network",)),
        ("service", 2, ("database",)),
    ]


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=4)))
def test_every_graph_has_a_layout(needs: dict[str, list[str]]) -> None:
    """Also with circles and unknown components: each component is there once, right of what it needs."""
    found = {box.name: box for box in boxes(plan_of(needs))}

    assert set(found) == set(needs)
    for box in found.values():
        assert all(found[other].column < box.column for other in box.needs)
        assert set(box.needs) <= set(needs[box.name])


def test_a_deleted_resource_is_in_its_old_component() -> None:
    """The plan has a node for it too."""
    network = urn("drydock:network:Network", "network")
    events = [
        component("drydock:network:Network", "network"),
        step("delete", "a:b:C", "old", old={"cidr": "10.0.0.0/16"}, parent=network),
    ]
    (box,) = boxes(plan_from_events(events, graph=True))

    assert [node.name for node in box.nodes] == ["old", "network"]
    assert [node.properties for node in box.nodes] == [{"cidr": "10.0.0.0/16"}, {}]
