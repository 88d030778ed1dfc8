"""A real Kubernetes control plane for tests: etcd, API server, controllers and scheduler, without a node."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from infra.toolchain import ensure
from localcloud.cloud import Cloud
from localcloud.kubernetes import control_plane, credentials
from localcloud.parts import Part
from tests.support.launch import prepared
from tests.support.ports import free_ports

BINARIES = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
NAMES = (*BINARIES, "etcd-peer")
START_SECONDS = 60
STOP_SECONDS = 20


@contextmanager
def control_plane_in(state: Path, binaries: dict[str, str], ports: dict[str, int] | None = None) -> Iterator[Cloud]:
    """Run a control plane in the state folder until the end of the block; yield its record."""
    ports = ports or free_ports(*NAMES)
    folder = state / "kubernetes"
    made = credentials.ensure(folder)
    server = f"https://127.0.0.1:{ports['kube-apiserver']}"
    credentials.write_kubeconfig(folder / "kubeconfig", server, made, name="test")
    (state / "logs").mkdir(exist_ok=True)
    with ExitStack() as running:
        for part in control_plane.parts(folder, binaries, ports, made.token):
            running.enter_context(_process(part, state / "logs" / f"{part.name}.log"))
        yield Cloud(
            name="test",
            pid=os.getpid(),
            region="eu-central-1",
            account_id="123456789012",
            aws_endpoint="",
            aws_access_key_id="",
            aws_secret_access_key="",
            kubeconfig=str(folder / "kubeconfig"),
            kube_server=server,
            kube_ca_pem=made.ca_pem,
            kube_token=made.token,
            postgres_host="",
            postgres_port=0,
            postgres_user="",
            postgres_password="",
            gateway_address="127.0.0.1",
            providers={},
        )


def binaries() -> dict[str, str]:
    """Return the paths of the four binaries, which are found or built."""
    tools = ensure(BINARIES)
    return {name: str(tools.found[name].path) for name in BINARIES}


@contextmanager
def _process(part: Part, log: Path) -> Iterator[None]:
    with log.open("ab") as output:
        # A killed test run leaves nothing running.
        command = prepared(f"from localcloud.prctl import die_with; die_with({os.getpid()})()", part.argv)
        process = subprocess.Popen(command, env={**os.environ, **part.env}, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not part.ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{part.name} is not ready:\n{log.read_text()[-4000:]}")
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(part.stop_signal)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
