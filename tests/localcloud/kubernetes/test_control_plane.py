"""The four processes: where they listen, what they tell, and what a kill leaves."""

import signal
import ssl
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest
from lightkube import Client, KubeConfig
from lightkube.resources.core_v1 import ConfigMap

from localcloud.cloud import Cloud
from localcloud.kubernetes import control_plane, credentials
from localcloud.parts import Part
from tests.support.control_plane import BINARIES, NAMES, binaries, control_plane_in
from tests.support.ports import free_ports

PORTS = {name: 20_000 + number for number, name in enumerate(NAMES)}
MAX_RESIDENT_MIB = 700


def parts(folder: Path) -> list[Part]:
    return control_plane.parts(folder, {name: f"/opt/{name}" for name in BINARIES}, PORTS, "t0ken")


def processes(cloud: Cloud) -> list[psutil.Process]:
    """Return the four processes of a cloud, identified by the folder in their arguments."""
    folder = str(Path(cloud.kubeconfig).parent)
    return [
        one for one in psutil.process_iter(["cmdline"]) if any(folder in word for word in one.info["cmdline"] or ())
    ]


def test_every_port_is_one_of_those_given(tmp_path: Path) -> None:
    """No fixed port, so that two clouds run side by side."""
    words = " ".join(word for part in parts(tmp_path) for word in part.argv)

    for port in PORTS.values():
        assert str(port) in words
    for default in ("2379", "2380", "6443", "10257", "10259"):
        assert default not in words


def test_no_secret_is_in_the_arguments(tmp_path: Path) -> None:
    """Any user of the machine can read them."""
    assert not any("t0ken" in word for part in parts(tmp_path) for word in part.argv)


def test_each_part_waits_for_what_it_needs(tmp_path: Path) -> None:
    """The store first, then the server, then its clients."""
    assert {part.name: part.after for part in parts(tmp_path)} == {
        "etcd": (),
        "kube-apiserver": ("etcd",),
        "kube-controller-manager": ("kube-apiserver",),
        "kube-scheduler": ("kube-apiserver",),
    }


def test_etcd_syncs_every_write(tmp_path: Path) -> None:
    """A power cut may come at any time."""
    assert "--unsafe-no-fsync" not in " ".join(parts(tmp_path)[0].argv)


def test_nothing_is_ready_before_it_runs(tmp_path: Path) -> None:
    """And asking raises nothing."""
    credentials.ensure(tmp_path)
    ports = free_ports(*NAMES)

    assert not any(part.ready() for part in control_plane.parts(tmp_path, dict.fromkeys(BINARIES, ""), ports, "t0ken"))


def test_listens_on_loopback_only(cloud: Cloud) -> None:
    """Four processes, each with a port, none of them reachable from elsewhere."""
    running = processes(cloud)
    addresses = {
        connection.laddr.ip
        for process in running
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }

    assert len(running) == len(BINARIES)
    assert addresses == {"127.0.0.1"}


def test_stays_small(cloud: Cloud) -> None:
    """The whole local cloud has to fit on a laptop."""
    resident = sum(process.memory_info().rss for process in processes(cloud)) / 2**20

    assert resident < MAX_RESIDENT_MIB


@pytest.mark.parametrize("token", ["", "wrong"])
def test_the_api_needs_the_token(cloud: Cloud, token: str) -> None:
    """Neither anonymous nor wrong."""
    request = urllib.request.Request(f"{cloud.kube_server}/api", headers={"Authorization": f"Bearer {token}"})
    context = ssl.create_default_context(cadata=cloud.kube_ca_pem)

    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request, context=context)


def test_the_store_needs_a_certificate(cloud: Cloud) -> None:
    """Secrets lie in it in the clear."""
    port = next(
        word.rpartition(":")[2]
        for process in processes(cloud)
        for word in process.cmdline()
        if word.startswith("--listen-client-urls=")
    )
    context = ssl.create_default_context(cadata=cloud.kube_ca_pem)

    with pytest.raises(OSError, match=r"(?i)certificate.required|reset|closed|EOF"):
        urllib.request.urlopen(f"https://127.0.0.1:{port}/health", context=context)


def test_a_kill_loses_nothing_and_ports_may_change(tmp_path: Path) -> None:
    """What the API server acknowledged is there after a kill -9 of all, on other ports."""
    paths = binaries()
    with control_plane_in(tmp_path, paths) as cloud:
        with _client(cloud) as client:
            client.create(ConfigMap.from_dict({"metadata": {"name": "kept", "namespace": "default"}}))
        killed = processes(cloud)
        for process in killed:
            process.send_signal(signal.SIGKILL)
        psutil.wait_procs(killed, timeout=10)

    with control_plane_in(tmp_path, paths) as again, _client(again) as client:
        found = client.get(ConfigMap, "kept", namespace="default")

    assert found.metadata.name == "kept"
    assert again.kube_server != cloud.kube_server
    assert again.kube_token == cloud.kube_token


def _client(cloud: Cloud) -> Client:
    return Client(config=KubeConfig.from_file(cloud.kubeconfig).get(), trust_env=False)
