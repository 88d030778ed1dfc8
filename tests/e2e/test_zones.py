"""Availability zones are added, removed and swapped on a deployed stack, and the NAT strategy with them."""

from pathlib import Path

import pytest

from tests.e2e.checkout import Checkout
from tests.e2e.test_bad_input import processes_in
from tests.support import plain_http

pytestmark = pytest.mark.e2e

# Zones and NAT strategy of each step, and the NAT gateways that must exist after it: deploy, swap, add, remove.
WALK = [
    (["a", "b"], "none", 0),
    (["b", "c"], "per-az", 2),
    (["a", "b", "c"], "single", 1),
    (["a", "c"], "none", 0),
]


@pytest.mark.timeout(900)  # nine commands, one after the other: 130 to 230 s on 2 cores
def test_swaps_adds_and_removes_zones_of_a_deployed_stack(fresh: Checkout) -> None:
    """Each `up` succeeds at the first attempt without drift and with the right subnets; `down` leaves nothing."""
    for zones, nat, gateways in WALK:
        step = f"zones {zones}, natStrategy {nat}"
        fresh.set("local", "network", "availabilityZones", zones)
        fresh.set("local", "network", "natStrategy", nat)
        fresh.run("up", "local")

        assert fresh.run("refresh", "local").stdout.strip() == "no drift", step
        assert _subnets_by_zone(fresh) == {f"eu-central-1{zone}": 3 for zone in zones}, step
        assert _nat_gateways(fresh) == gateways, step
        assert plain_http.get(f"http://127.0.0.1:{fresh.port}/health/ready").status_code == 200, step
    port = fresh.cloud().postgres_port
    said = fresh.run("down", "local").stderr

    assert "0 left in the AWS account and the API server" in said
    assert not fresh.state.exists()
    assert processes_in(fresh.root) == []
    assert not _is_listening(port)


def _subnets_by_zone(checkout: Checkout) -> dict[str, int]:
    """Return the number of the stack's subnets in each zone; the account's default subnets do not count."""
    found: dict[str, int] = {}
    for subnet in checkout.client("ec2").describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["false"]}])[
        "Subnets"
    ]:
        found[subnet["AvailabilityZone"]] = found.get(subnet["AvailabilityZone"], 0) + 1
    return found


def _nat_gateways(checkout: Checkout) -> int:
    alive = [{"Name": "state", "Values": ["pending", "available"]}]
    return len(checkout.client("ec2").describe_nat_gateways(Filters=alive)["NatGateways"])


def _is_listening(port: int) -> bool:
    """Return whether a process listens on a loopback port, according to the kernel."""
    wanted = f":{port:04X} "
    return any(wanted in line and " 0A " in line for line in Path("/proc/net/tcp").read_text().splitlines())
