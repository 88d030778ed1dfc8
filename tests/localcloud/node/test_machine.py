"""This machine as Kubernetes nodes."""

from localcloud.node import machine


def test_each_node_is_in_another_zone() -> None:
    """They are the zones a, b and c of the region."""
    nodes = [machine.node(name, "eu-west-1", "v1.35.4", 10250) for name in machine.node_names()]

    zones = [node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes]
    assert zones == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]


def test_a_node_is_healthy_after_its_status_is_reported() -> None:
    """Conditions that the node controller changed while no status was reported have to be reported again."""
    node = machine.node("drydock-a", "eu-west-1", "v1.35.4", 10250)
    assert machine.is_healthy(node, 10250)
    assert not machine.is_healthy(node, 10251)

    ready = next(item for item in node["status"]["conditions"] if item["type"] == "Ready")
    ready["status"] = "Unknown"

    assert not machine.is_healthy(node, 10250)
