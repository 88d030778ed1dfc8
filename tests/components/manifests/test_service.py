"""The Service: its URL, by what Kubernetes says of its load balancer."""

from types import SimpleNamespace

import pytest

from components.manifests.service import service_annotations, service_url


def test_load_balancer_keeps_the_addresses_of_clients() -> None:
    """The service limits each client's rate; and the pod says whether it has answers to give."""
    notes = {key.rpartition("load-balancer-")[2]: text for key, text in service_annotations("internal", 20).items()}

    assert notes["target-group-attributes"] == (
        "deregistration_delay.timeout_seconds=20,preserve_client_ip.enabled=true"
    )
    assert notes["healthcheck-path"] == "/health/serving"


def _entry(hostname: str | None, ip: str | None) -> SimpleNamespace:
    return SimpleNamespace(hostname=hostname, ip=ip)


@pytest.mark.parametrize(
    ("ingress", "url"),
    [
        ([_entry("name", None)], "http://name:8080"),
        ([_entry(None, "127.0.0.2")], "http://127.0.0.2:8080"),
        ([_entry("name", "127.0.0.2"), _entry("other", None)], "http://name:8080"),
        ([], ""),
        (None, ""),
    ],
)
def test_url_is_that_of_the_first_host(ingress: list[SimpleNamespace] | None, url: str) -> None:
    """AWS gives a name, other load balancers an address; before it is there, there is none."""
    status = SimpleNamespace(load_balancer=SimpleNamespace(ingress=ingress))

    assert service_url(status, 8080) == url  # type: ignore[arg-type]


def test_no_status_is_no_url() -> None:
    """As in a preview."""
    assert service_url(None, 80) == ""
