"""Ports and pod networks are free, kept if possible, and exclusive."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from localcloud import ports
from localcloud.errors import CloudError


@pytest.fixture
def claims() -> Iterator[ExitStack]:
    """The claims of the local cloud in `tmp_path`."""
    with ExitStack() as claims:
        yield claims


def restarted(state: Path, claims: ExitStack) -> dict[str, int]:
    """Choose ports again, as after the end of the process that held the claims."""
    claims.close()
    return ports.choose(state, claims)


def deploy(state: Path) -> None:
    """Record a request in the account."""
    (state / "aws.journal").write_text("{}\n")


def test_chooses_a_different_free_port_for_each_name(tmp_path: Path, claims: ExitStack) -> None:
    """Every port can be bound."""
    chosen = ports.choose(tmp_path, claims)

    assert set(chosen) == set(ports.PORT_NAMES)
    assert len(set(chosen.values())) == len(ports.PORT_NAMES)
    for port in chosen.values():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))


def test_new_ports_are_not_those_that_connections_get(tmp_path: Path, claims: ExitStack) -> None:
    """A connection would take the port of a part that has not started yet."""
    first = int(ports.EPHEMERAL.read_text().split()[0])

    assert all(21_000 <= port < first for port in ports.choose(tmp_path, claims).values())
    assert all(20_000 <= port < 21_000 for port in ports.free("abc").values())


def test_a_port_is_never_chosen_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if almost all ports are chosen, by clouds that do not listen yet, and while another process holds one."""
    (tmp_path / "range").write_text("21030\t60999\n")
    monkeypatch.setattr(ports, "EPHEMERAL", tmp_path / "range")
    with ExitStack() as claims, socket.socket() as other:
        other.bind(("127.0.0.1", 21_007))
        chosen = []
        for name in "ab":
            (tmp_path / name).mkdir()
            chosen += ports.choose(tmp_path / name, claims).values()

    assert len(set(chosen)) == 28
    assert set(chosen) < set(range(21_000, 21_030)) - {21_007}


def test_any_port_is_used_if_none_is_left_below(
    tmp_path: Path, claims: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "range").write_text("20000\t60999\n")
    for name in ("range", "none"):
        monkeypatch.setattr(ports, "EPHEMERAL", tmp_path / name)
        first = restarted(tmp_path, claims)
        assert len(set(first.values())) == len(ports.PORT_NAMES)
        assert restarted(tmp_path, claims) == first


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("[]", "not a JSON object"),
        ("5", "not a JSON object"),
        ('{"etcd": 70000}', "the value of etcd is not a port"),
        ('{"etcd": -5}', "the value of etcd is not a port"),
        ('{"etcd": 0}', "the value of etcd is not a port"),
        ('{"etcd": "22000"}', "the value of etcd is not a port"),
        ('{"etcd": 22000.0}', "the value of etcd is not a port"),
        ('{"etcd": true}', "the value of etcd is not a port"),
        ('{"etcd": 22000, "aws": 22000}', "the same port"),
        ("{", "Expecting property name"),
    ],
)
def test_a_file_that_was_edited_by_hand_is_checked(
    tmp_path: Path, claims: ExitStack, content: str, problem: str
) -> None:
    """The message names the file and the first problem."""
    (tmp_path / "ports.json").write_text(content)

    with pytest.raises(CloudError, match=rf"ports\.json is corrupt \(.*{problem}"):
        ports.choose(tmp_path, claims)


@pytest.mark.parametrize("content", ["{}", '{"rds": 22001, "aws": 22002}', None])
def test_a_port_that_resources_have_is_not_replaced_by_a_new_one(
    tmp_path: Path, claims: ExitStack, content: str | None
) -> None:
    """The file was removed, or lacks the port: nobody knows what the resources contain."""
    deploy(tmp_path)
    if content:
        (tmp_path / "ports.json").write_text(content)

    with pytest.raises(CloudError, match=r"contain the port of (aws|kube-apiserver), which is missing.*down local"):
        ports.choose(tmp_path, claims)


def test_keeps_the_ports_of_the_last_start(tmp_path: Path, claims: ExitStack) -> None:
    """Endpoints in a Pulumi state stay valid over a restart."""
    first = ports.choose(tmp_path, claims)
    deploy(tmp_path)

    assert restarted(tmp_path, claims) == first


def test_a_running_cloud_keeps_its_ports_to_itself(tmp_path: Path, claims: ExitStack) -> None:
    """Another one that used them before gets new ones, even if nothing listens on them at the moment."""
    first = ports.choose(tmp_path, claims)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "ports.json").write_text((tmp_path / "ports.json").read_text())

    with ExitStack() as others:
        assert not set(first.values()) & set(ports.choose(tmp_path / "other", others).values())


def test_replaces_only_a_port_in_use(tmp_path: Path, claims: ExitStack) -> None:
    """The other ports are kept, and nothing is deployed that has the old one."""
    first = ports.choose(tmp_path, claims)
    with socket.create_server(("127.0.0.1", first["aws"])):
        second = restarted(tmp_path, claims)

    assert second["aws"] != first["aws"]
    assert {**second, "aws": 0} == {**first, "aws": 0}


def test_a_new_port_is_not_one_that_another_name_keeps(
    tmp_path: Path, claims: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if hardly any other port is left."""
    (tmp_path / "range").write_text("21015\t60999\n")
    monkeypatch.setattr(ports, "EPHEMERAL", tmp_path / "range")
    first = ports.choose(tmp_path, claims)
    with socket.create_server(("127.0.0.1", first["etcd"])):
        second = restarted(tmp_path, claims)

    assert {**second, "etcd": 0} == {**first, "etcd": 0}


@pytest.mark.parametrize("name", ["kube-apiserver", "rds", "aws"])
def test_a_port_that_resources_have_is_kept_or_refused(tmp_path: Path, claims: ExitStack, name: str) -> None:
    """The state has the endpoint of the cluster, the database or the queue; the message names who listens there."""
    first = ports.choose(tmp_path, claims)
    deploy(tmp_path)
    expected = rf"port {first[name]} is in use by \S+ \(pid {os.getpid()}\).* {name} of .*drydock down local"
    with socket.create_server(("127.0.0.1", first[name])), pytest.raises(CloudError, match=expected):
        restarted(tmp_path, claims)

    assert restarted(tmp_path, claims) == first


def test_a_port_that_no_resource_has_is_replaced_after_a_deployment(tmp_path: Path, claims: ExitStack) -> None:
    """Only the local cloud itself uses it."""
    first = ports.choose(tmp_path, claims)
    deploy(tmp_path)
    with socket.create_server(("127.0.0.1", first["kubelet"])):
        second = restarted(tmp_path, claims)

    assert second["kubelet"] != first["kubelet"]
    assert {**second, "kubelet": 0} == {**first, "kubelet": 0}


def test_a_reserved_port_is_exclusive() -> None:
    """It is reserved until the block ends; its user can bind it meanwhile."""
    with ports.reserved(["aws"]) as reserved:
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", reserved["aws"]))
        with socket.socket() as meant:
            meant.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            meant.bind(("127.0.0.1", reserved["aws"]))
            meant.listen()
            with socket.create_connection(("127.0.0.1", reserved["aws"])):
                meant.accept()[0].close()


def test_a_pod_network_is_claimed_once() -> None:
    """Two clouds get different networks, and a released one can be claimed again."""
    one, claim_one = ports.claim_pod_network(None)
    two, claim_two = ports.claim_pod_network(one)

    assert one != two
    claim_one.close()
    again, claim_again = ports.claim_pod_network(one)
    assert again == one
    claim_two.close()
    claim_again.close()


def test_rejects_more_clouds_than_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the remedy."""
    monkeypatch.setattr(ports, "POD_NETWORKS", range(254, 255))
    _, claim = ports.claim_pod_network(None)
    with claim, pytest.raises(CloudError, match="drydock down"):
        ports.claim_pod_network(None)
