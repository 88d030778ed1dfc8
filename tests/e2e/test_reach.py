"""`drydock reach` and `drydock policy` with a preview by the real engine, without credentials."""

import pytest
from rich.console import Console

from infra.commands.reach import WIDTH
from infra.reach import tables
from infra.reach.matrix import matrix_of
from tests.e2e.checkout import Checkout
from tests.support.planned import planned_stack

pytestmark = pytest.mark.e2e


def words(text: str) -> list[list[str]]:
    """Return the words of each line."""
    return [line.split() for line in text.splitlines()]


def test_a_preview_gives_the_table_of_the_recorded_plan(fresh: Checkout) -> None:
    """The table equals that of the recorded plan, although in a preview ids and Kubernetes outputs are unknown."""
    console = Console(width=WIDTH, soft_wrap=True)
    with console.capture() as captured:
        console.print(tables.decisions(matrix_of(planned_stack("dev"))))

    printed = words(fresh.run("reach", "dev").stdout)

    expected = words(captured.get())
    assert len(expected) > 50
    assert printed[-len(expected) :] == expected


def test_policy_reports_broken_network_paths(fresh: Checkout) -> None:
    """A wrong CIDR of a security group and a missing egress rule are reported with resource and remedy."""
    fresh.replace("components/_endpoints.py", "cidr_ipv4=str(args.cidr)", 'cidr_ipv4="10.99.0.0/16"')
    fresh.replace("components/manifests/network_policy.py", '_port("UDP", 53), _port("TCP", 53)', '_port("UDP", 53)')

    said = " ".join(fresh.run("policy", "dev", expect=1).stdout.split())

    for expected in (
        "dev: VIOLATION network-needs-reached: aws:ec2/securityGroup:SecurityGroup network-endpoints: ",
        "cannot reach queue on TCP 443: security group network-endpoints: no ingress rule allows TCP 443 from pods/",
        "Remedy: add an ingress rule to it for TCP 443 from cluster-eks",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy workload-app-egress: ",
        "cannot reach dns on UDP 53, TCP 53: NetworkPolicy workload-app-egress: no egress rule allows TCP 53 to dns. ",
        "Remedy: add an egress rule for TCP 53 to 172.20.0.10/32",
    ):
        assert expected in said
