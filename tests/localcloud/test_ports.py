"""Ports and pod networks are free, kept if possible, and exclusive."""

import socket
from pathlib import Path

import pytest

from localcloud import ports
from localcloud.errors import CloudError


def test_chooses_a_different_free_port_for_each_name(tmp_path: Path) -> None:
    """Every port can be bound."""
    chosen = ports.choose(tmp_path, 244)

    assert set(chosen) == set(ports.PORT_NAMES)
    assert len(set(chosen.values())) == len(ports.PORT_NAMES)
    for port in chosen.values():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))


def test_new_ports_are_not_those_that_connections_get(tmp_path: Path) -> None:
    """A connection would take the port of a part that has not started yet. Without such a range any port is used."""
    first = int(ports.EPHEMERAL.read_text().split()[0])

    assert all(20_000 <= port < first for port in ports.choose(tmp_path, 244).values())


def test_a_port_is_never_chosen_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if almost all ports of a block are chosen, and while another process reserves one."""
    (tmp_path / "range").write_text("20360\t60999\n")  # 30 ports for each of 12 blocks
    monkeypatch.setattr(ports, "EPHEMERAL", tmp_path / "range")
    with ports.reserved("ab", block=3) as others:
        chosen = ports.free([str(number) for number in range(20)], {}, block=3)

    assert len(set(chosen.values())) == 20
    assert not set(chosen.values()) & set(others.values())


def test_a_preferred_port_is_given_to_one_name() -> None:
    """A file of ports that was edited by hand does not make two parts listen on one port."""
    (port,) = ports.free("a", {}).values()

    chosen = ports.free("ab", {"a": port, "b": port})

    assert chosen["a"] == port
    assert chosen["b"] != port


def test_clouds_that_start_at_the_same_time_have_different_ports(tmp_path: Path) -> None:
    """New ports come from a block for each pod network, and none from that of ports without a local cloud."""
    blocks = []
    for octet in range(244, 255):
        (tmp_path / str(octet)).mkdir()
        blocks.append(ports.choose(tmp_path / str(octet), octet))
    first = int(ports.EPHEMERAL.read_text().split()[0])
    size = (first - 20_000) // 12

    found = [{(port - 20_000) // size for port in chosen.values()} for chosen in blocks]

    assert found == [{number} for number in range(1, 12)]
    assert {(port - 20_000) // size for port in ports.free("abc", {}).values()} == {0}


def test_any_port_is_used_if_none_is_left_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "range").write_text("20000\t60999\n")
    for name in ("range", "none"):
        monkeypatch.setattr(ports, "EPHEMERAL", tmp_path / name)
        assert len(set(ports.free(ports.PORT_NAMES, {}).values())) == len(ports.PORT_NAMES)


def test_keeps_the_ports_of_the_last_start(tmp_path: Path) -> None:
    """Endpoints in a Pulumi state stay valid over a restart."""
    first = ports.choose(tmp_path, 244)

    assert ports.choose(tmp_path, 244) == first


def test_a_port_in_the_block_of_another_cloud_is_not_kept(tmp_path: Path) -> None:
    """The cloud that claimed the pod network of the last run may have chosen the port without listening on it yet."""
    first = ports.choose(tmp_path, 244)

    second = ports.choose(tmp_path, 245)

    assert not set(first.values()) & set(second.values())
    assert ports.choose(tmp_path, 245) == second


def test_a_port_outside_of_all_blocks_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was chosen because the block had no free port."""
    (tmp_path / "range").write_text("20000\t60999\n")
    with monkeypatch.context() as patched:
        patched.setattr(ports, "EPHEMERAL", tmp_path / "range")
        first = ports.choose(tmp_path, 244)

    assert ports.choose(tmp_path, 245) == first


def test_replaces_only_a_port_in_use(tmp_path: Path) -> None:
    """The other ports are kept."""
    first = ports.choose(tmp_path, 244)
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", first["aws"]))
        taker.listen()
        second = ports.choose(tmp_path, 244)

    assert second["aws"] != first["aws"]
    assert {**second, "aws": 0} == {**first, "aws": 0}


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
