"""A control plane with nodes on this machine, an emulated AWS account, and a small image for pods."""

import json
import os
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from localcloud.cloud import Cloud
from localcloud.files import write_json
from localcloud.images.build import build
from localcloud.images.store import ImageStore
from localcloud.parts import listens
from localcloud.ports import claim_pod_network
from tests.support.control_plane import control_plane_in
from tests.support.ports import free_ports

NAMES = ("etcd", "etcd-peer", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "webhook")
AWS_NAMES = ("aws", "provider-aws")
WAIT_SECONDS = 60
Result = TypeVar("Result")

# Answers 200 with its version; on SIGTERM it becomes unready, serves for a moment, then exits.
SERVER = """
import http.server, os, signal, sys, threading, time
draining = threading.Event()
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    def do_GET(self):
        name = self.path.strip("/")
        status = 503 if name == "ready" and draining.is_set() else 200
        body = VERSION
        if name.startswith("env/"):
            body = os.environ.get(name[4:], "-")
        elif name.startswith("file/"):
            path = os.path.join(os.environ["FILES"], name[5:])
            body = open(path).read() if os.path.exists(path) else "-"
        elif name == "exit":
            os._exit(7)
        elif name == "mode":
            body = oct(os.stat(os.path.join(os.environ["FILES"], "password")).st_mode & 0o777)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if draining.is_set():
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body.encode())
    def log_message(self, *args):
        pass
class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
server = Server((os.environ["HOST"], 8080), Handler)
def stop(*_):
    draining.set()
    threading.Thread(target=lambda: (time.sleep(1.5), server.shutdown())).start()
signal.signal(signal.SIGTERM, stop)
print("serving", VERSION, flush=True)
server.serve_forever(0.05)
print("stopped", flush=True)
"""


def server_image(folder: Path, version: str) -> Any:
    """Build the image of a server that answers with this version."""
    context = folder / version
    context.mkdir(parents=True, exist_ok=True)
    (context / "server.py").write_text(f"VERSION = {version!r}\n{SERVER}")
    (context / "Dockerfile").write_text(
        'FROM scratch\nWORKDIR /srv\nCOPY . .\nENTRYPOINT ["python"]\nCMD ["server.py"]\n'
    )
    return build(context, context / "Dockerfile")


@dataclass
class NodeStage:
    """A running control plane and node, with the operations of tests."""

    cloud: Cloud
    state: Path
    octet: int
    """X of the pod network 10.X.0.0/16."""
    process: "subprocess.Popen[bytes]"
    images: dict[str, str] = field(default_factory=dict)
    """Version -> reference of its image."""

    def call(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> Any:
        """Call the API server; return the parsed answer, a text, or None if there is no such object."""
        request = urllib.request.Request(
            self.cloud.kube_server + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.cloud.kube_token}", "Content-Type": content_type},
        )
        context = ssl.create_default_context(cadata=self.cloud.kube_ca_pem)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        try:
            with opener.open(request, timeout=30) as response:
                content = response.read()
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise AssertionError(f"{method} {path}: {error.read().decode()}") from error
        try:
            return json.loads(content)
        except ValueError:
            return content.decode()

    def create(self, path: str, manifest: Any) -> Any:
        """Create an object."""
        return self.call("POST", path, manifest)

    def namespace(self, name: str) -> str:
        """Create a namespace and return its path."""
        if self.call("GET", f"/api/v1/namespaces/{name}") is None:
            self.create("/api/v1/namespaces", {"metadata": {"name": name}})
        return f"/api/v1/namespaces/{name}"

    def restart(self) -> None:
        """Kill the node process with SIGKILL and start it again."""
        self.process.kill()
        self.process.wait()
        self.process = _start("node", self.state)


def eventually(check: Callable[[], Result], seconds: float = WAIT_SECONDS) -> Result:
    """Repeat a call until its answer is true; fail with the last answer."""
    deadline = time.monotonic() + seconds
    while True:
        asked = time.monotonic()
        found = check()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"still {found!r} after {seconds} s")
        # An expensive check must not take the processor from what it waits for.
        time.sleep(max(0.05, 2 * (time.monotonic() - asked)))


def fetch(url: str) -> str | None:
    """Return the body of a GET of a URL, or None if it fails."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as response:
            content: bytes = response.read()
            return content.decode()
    except OSError:
        return None


@contextmanager
def node_in(state: Path, binaries: dict[str, str]) -> Iterator[NodeStage]:
    """Run a control plane and a node in the state folder until the end of the block."""
    ports = free_ports(*NAMES, *AWS_NAMES)
    octet, claim = claim_pod_network(None)
    with claim, control_plane_in(state, binaries, ports) as cloud:
        write_json(state / "ports.json", ports)
        write_json(
            state / "settings.json",
            {
                "name": "test",
                "region": cloud.region,
                "pod_octet": octet,
                "gateway_address": f"127.{octet}.255.254",
                "kube_server": cloud.kube_server,
                "kube_ca_pem": cloud.kube_ca_pem,
                "kube_token": cloud.kube_token,
                "account_id": cloud.account_id,
                "postgres_host": "127.0.0.1",
                "postgres_port": 1,  # no database is used
                "postgres_user": "postgres",
                "postgres_password": "",
            },
        )
        account = _start("aws", state)
        stage = NodeStage(cloud=cloud, state=state, octet=octet, process=_start("node", state))
        for version in ("one", "two"):
            image = server_image(state / "contexts", version)
            ImageStore(state).put(image)
            stage.images[version] = f"registry.test/server@{image.digest}"
        try:
            eventually(lambda: all(listens(ports[name])() for name in AWS_NAMES))
            yield stage
        finally:
            for process in (stage.process, account):
                process.terminate()
                process.wait(10)


def _start(part: str, state: Path) -> "subprocess.Popen[bytes]":
    with (state / "logs" / f"{part}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", f"localcloud.{part}", str(state)], stdout=log, stderr=log, env=dict(os.environ)
        )
