"""The pods behind a port of a Service."""

from typing import Any

import pytest

from localcloud.gateway.endpoints import backends


def endpoint(address: str, **conditions: bool) -> dict[str, Any]:
    return {"addresses": [address], "conditions": conditions}


def slice_of(*endpoints: dict[str, Any], name: str = "http", port: int = 8080) -> dict[str, Any]:
    return {"endpoints": list(endpoints), "ports": [{"name": name, "port": port}]}


READY = {"ready": True, "serving": True, "terminating": False}
DRAINING = {"ready": False, "serving": True, "terminating": True}
STARTING = {"ready": False, "serving": False, "terminating": False}
ENDED = {"ready": False, "serving": False, "terminating": True}


def test_leads_to_ready_pods_on_loopback() -> None:
    """The pod addresses of all slices are mapped to loopback addresses."""
    slices = [slice_of(endpoint("10.244.0.2", **READY)), slice_of(endpoint("10.244.0.1", **READY))]

    assert backends(slices, "http") == [("127.244.0.1", 8080), ("127.244.0.2", 8080)]


@pytest.mark.parametrize("other", [DRAINING, STARTING, ENDED])
def test_leaves_out_pods_that_are_not_ready(other: dict[str, bool]) -> None:
    """A starting or terminating pod gets no new connection while another is ready."""
    slices = [slice_of(endpoint("10.244.0.1", **READY), endpoint("10.244.0.2", **other))]

    assert backends(slices, "http") == [("127.244.0.1", 8080)]


def test_falls_back_to_terminating_pods_that_serve() -> None:
    """Without a ready pod, draining pods get connections; pods that were never ready do not."""
    slices = [slice_of(endpoint("10.244.0.1", **DRAINING), endpoint("10.244.0.2", **STARTING))]

    assert backends(slices, "http") == [("127.244.0.1", 8080)]


def test_finds_the_port_by_name() -> None:
    """A port of the Service leads to the slice's port with the same name."""
    slices = [slice_of(endpoint("10.244.0.1", **READY), name="metrics", port=9090)]

    assert backends(slices, "metrics") == [("127.244.0.1", 9090)]
    assert backends(slices, "http") == []
