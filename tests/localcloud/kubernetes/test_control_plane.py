"""The four processes of the control plane: ports, secrets, memory and recovery. Real: all of them."""

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


def test_uses_only_the_given_ports(tmp_path: Path) -> None:
    """There is no fixed port, so that two clouds can run at the same time."""
    words = " ".join(word for part in parts(tmp_path) for word in part.argv)

    for port in PORTS.values():
        assert str(port) in words
    for default in ("2379", "2380", "6443", "10257", "10259"):
        assert default not in words


def test_no_secret_is_in_the_arguments(tmp_path: Path) -> None:
    """Every user of the machine can read them."""
    assert not any("t0ken" in word for part in parts(tmp_path) for word in part.argv)


def test_each_part_depends_on_the_parts_it_needs(tmp_path: Path) -> None:
    """etcd starts first, then the API server, then its clients."""
    assert {part.name: part.after for part in parts(tmp_path)} == {
        "etcd": (),
        "kube-apiserver": ("etcd",),
        "kube-controller-manager": ("kube-apiserver",),
        "kube-scheduler": ("kube-apiserver",),
    }


def test_etcd_syncs_every_write(tmp_path: Path) -> None:
    """A power failure must not lose acknowledged writes."""
    assert "--unsafe-no-fsync" not in " ".join(parts(tmp_path)[0].argv)


def test_no_part_is_ready_before_it_runs(tmp_path: Path) -> None:
    """The readiness checks raise no error."""
    credentials.ensure(tmp_path)
    ports = free_ports(*NAMES)

    assert not any(part.ready() for part in control_plane.parts(tmp_path, dict.fromkeys(BINARIES, ""), ports, "t0ken"))


def test_listens_on_loopback_only(cloud: Cloud) -> None:
    """None of the four processes is reachable from other machines."""
    running = processes(cloud)
    addresses = {
        connection.laddr.ip
        for process in running
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }

    assert len(running) == len(BINARIES)
    assert addresses == {"127.0.0.1"}


def test_needs_little_memory(cloud: Cloud) -> None:
    """The whole local cloud has to run on a laptop."""
    resident = sum(process.memory_info().rss for process in processes(cloud)) / 2**20

    assert resident < MAX_RESIDENT_MIB


@pytest.mark.parametrize("token", ["", "wrong"])
def test_the_api_server_needs_the_token(cloud: Cloud, token: str) -> None:
    """Anonymous requests and wrong tokens get 401."""
    request = urllib.request.Request(f"{cloud.kube_server}/api", headers={"Authorization": f"Bearer {token}"})
    context = ssl.create_default_context(cadata=cloud.kube_ca_pem)

    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request, context=context)


def test_etcd_needs_a_client_certificate(cloud: Cloud) -> None:
    """Secrets are stored in it without encryption."""
    port = next(
        word.rpartition(":")[2]
        for process in processes(cloud)
        for word in process.cmdline()
        if word.startswith("--listen-client-urls=")
    )
    context = ssl.create_default_context(cadata=cloud.kube_ca_pem)

    with pytest.raises(OSError, match=r"(?i)certificate.required|reset|closed|EOF"):
        urllib.request.urlopen(f"https://127.0.0.1:{port}/health", context=context)


def test_objects_survive_a_kill_and_changed_ports(tmp_path: Path) -> None:
    """After kill -9 of all processes and a start on other ports, acknowledged objects exist."""
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
