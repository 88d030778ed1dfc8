"""`drydock reach`: tables, one connection, a diagram, and wrong names. Mocked: the preview, by a recorded plan."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from infra.commands import reach as command
from infra.errors import InputError
from tests.support.planned import planned_stack

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a recorded plan of the program, which needs no engine."""
    monkeypatch.setattr(command, "planned", planned_stack)


def lines(capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    """Return the words of each printed line."""
    return [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]


def test_prints_every_connection_with_its_answer_and_deciding_hop(capsys: pytest.CaptureFixture[str]) -> None:
    """The table of answers comes first, then one line for each connection."""
    command.reach("prod")

    printed = lines(capsys)
    assert printed[0] == [
        "database",
        "queue",
        "dns",
        "pod-identity",
        "logs",
        "registry",
        "kubernetes-api",
        "load-balancer",
        "pods/server",
        "internet",
    ]
    assert ["pods/worker", "yes", "yes", "yes", "yes", "yes", "yes", "yes", "some", "no", "yes"] in printed
    refused = "security group database-access: no ingress rule allows TCP 5432 from vpc"
    assert f"vpc database TCP 5432 no {refused}".split() in printed


def test_prints_the_answers_of_one_place(capsys: pytest.CaptureFixture[str]) -> None:
    """With one name, only its lines are printed."""
    command.reach("prod", "database")

    assert {line[0] for line in lines(capsys)} == {"from", "database"}


def test_prints_who_reaches_a_place(capsys: pytest.CaptureFixture[str]) -> None:
    """With a target only, there is one line for each source, and no other target."""
    command.reach("prod", to="database")

    printed = lines(capsys)
    assert {line[1] for line in printed[1:]} == {"database"}
    assert {line[0] for line in printed[1:]} >= {"vpc", "nodes", "pods/server", "pods/worker", "internet"}
    assert ["pods/server", "database", "TCP", "5432", "yes"] in [line[:5] for line in printed]


def test_the_target_may_be_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    command.reach("prod", "pods/server", "database")
    expected = capsys.readouterr().out

    command.reach("prod", "pods/server", to="database")

    assert capsys.readouterr().out == expected


def test_refuses_two_targets() -> None:
    with pytest.raises(InputError, match="--to queue: database is the target already; use one of them"):
        command.reach("prod", "pods/server", "database", to="queue")


def test_prints_the_hops_of_one_connection(capsys: pytest.CaptureFixture[str]) -> None:
    """They are in the order of the path; a refused connection has the change that would allow it."""
    command.reach("prod", "pods/server", "database")
    printed = capsys.readouterr().out
    order = [
        printed.index(text)
        for text in (
            "pods/server -> database (TCP 5432): yes, decided by security group database-access: ",
            "in network-private-a -> database in network-database-a (8 more from or to other subnets are alike)\n",
            "  yes     NetworkPolicy workload-app-egress: allows TCP 5432 to database\n",
            "  yes     security group cluster-eks: allows TCP 5432 to database\n",
            "  yes     route table network-private-a of network-private-a: local route\n",
            "  yes     security group database-access: allows TCP 5432 from pods/server\n",
        )
    ]
    assert order == sorted(order)

    command.reach("prod", "vpc", "database")
    refused = capsys.readouterr().out
    assert "  no      security group database-access: no ingress rule allows TCP 5432 from vpc\n" in refused
    assert "to allow it: add an ingress rule to it for TCP 5432 from 10.30." in refused


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("nowhere", None, "nowhere: prod has no such FROM; choose one of: internet, vpc, load-balancer, nodes, "),
        ("internet", "nodes", "nodes: prod has no such TO; choose one of: database, queue, dns, pod-identity, "),
        ("internet", "dns", "internet to dns: there is no such traffic; "),
        ("database", "database", "database to database: there is no such traffic; "),
    ],
)
def test_refuses_a_wrong_name(source: str, target: str | None, message: str) -> None:
    """Exit code 2, and the message lists the accepted names."""
    with pytest.raises(InputError) as raised:
        command.reach("prod", source, target)

    assert str(raised.value).startswith(message)
    assert raised.value.exit_code == 2


def test_refuses_a_missing_folder(tmp_path: Path) -> None:
    """It is refused before the preview."""
    with pytest.raises(InputError, match="does not exist"):
        command.reach("prod", svg=tmp_path / "none" / "reach.svg")


def test_draws_every_connection(tmp_path: Path) -> None:
    """The SVG has a title with the answer of each connection."""
    command.reach("dev", svg=tmp_path / "reach.svg")

    root = ElementTree.parse(tmp_path / "reach.svg").getroot()
    titles = [each.text or "" for each in root.iter(f"{SVG}title")]
    assert root.tag == f"{SVG}svg"
    assert any(title.startswith("internet -> database (TCP 5432): address of database: private") for title in titles)
    assert any(title.startswith("pods/server -> database (TCP 5432): yes, security group") for title in titles)
    assert not any("internet -> load-balancer" in title and ": yes" in title for title in titles)
