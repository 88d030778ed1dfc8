"""A copy of the checkout that a test may change, break and deploy, without affecting other processes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import IO, Any

import boto3
import yaml

from infra.toolchain import ensure
from localcloud import control
from localcloud.cloud import Cloud
from tests.e2e.load import Https
from tests.support.ports import free_port
from tests.support.program_copy import copy_program

COMMAND_SECONDS = 280


class Checkout:
    """Runs `drydock` from a copy, so that its state folder and its files are the test's own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        copy_program(root)
        self.port = free_port()
        self.set("local", "edge", "httpPort", self.port)
        # The shortest deadline that a busy machine meets: `up` waits for it before it reports a broken release.
        self.set("local", "service", "progressDeadlineSeconds", 40)
        self.https_port = free_port()
        self.set("local", "edge", "httpsPort", self.https_port)

    @property
    def state(self) -> Path:
        """The folder of the local cloud."""
        return self.root / ".drydock" / "local"

    def begin(self, *arguments: str, output: IO[bytes], **environment: str) -> "subprocess.Popen[bytes]":
        """Start `drydock ARGUMENTS` with both streams to a file, and return without waiting for its end."""
        return subprocess.Popen(
            [sys.executable, "-m", "infra.cli", *arguments],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root), **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Start `drydock ARGUMENTS` and return without waiting for its end."""
        return subprocess.Popen(
            [sys.executable, "-m", "infra.cli", *arguments],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, expect: int = 0, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run `drydock ARGUMENTS` and check its exit code; a failure shows its output."""
        before = self._files()
        process = self.start(*arguments, **environment)
        stdout, stderr = process.communicate(timeout=COMMAND_SECONDS)
        assert self._files() == before, f"drydock {' '.join(arguments)} changed a file of the user's"
        assert process.returncode == expect, f"drydock {' '.join(arguments)}: {process.returncode}\n{stdout}\n{stderr}"
        assert "Traceback" not in stderr
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def _files(self) -> dict[str, bytes]:
        """Return the user's files: the stack files and everything else at the top of the checkout."""
        return {path.name: path.read_bytes() for path in self.root.iterdir() if path.is_file()}

    def outputs(self) -> dict[str, Any]:
        """Return the outputs of the local stack."""
        return dict(json.loads(self.run("outputs", "local", "--json").stdout))

    @cached_property
    def namespace(self) -> str:
        """The namespace of the service."""
        return str(self.outputs()["namespace"])

    def url(self) -> str:
        """Return the URL of the service with an IP address: not every Python resolves names below `localhost`."""
        return self._url

    @cached_property
    def _url(self) -> str:
        return str(self.outputs()["url"]).replace("drydock.localhost", "127.0.0.1")

    def https(self) -> Https:
        """Return the HTTPS listener of the service."""
        return Https(port=self.https_port, name="drydock.localhost", authority=self.cloud().authority)

    def cloud(self) -> Cloud:
        """Return the running local cloud."""
        cloud = control.running(self.state)
        assert cloud is not None
        return cloud

    def kubectl(self, *arguments: str) -> str:
        """Run `kubectl ARGUMENTS` as an administrator, in the namespace of the service, and return its output."""
        command = [str(ensure({"kubectl"}).kubectl), "--namespace", self.namespace, *arguments]
        environment = {**os.environ, "KUBECONFIG": self.cloud().kubeconfig}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def client(self, service: str) -> Any:
        """Return a boto3 client on the local account."""
        cloud = self.cloud()
        return _client(
            service,
            endpoint_url=cloud.aws_endpoint,
            region_name=cloud.region,
            aws_access_key_id=cloud.aws_access_key_id,
            aws_secret_access_key=cloud.aws_secret_access_key,
        )

    @contextmanager
    def restored(self, *files: str | Path) -> Iterator[None]:
        """Restore the content of files at the end of the block."""
        before = {self.root / file: (self.root / file).read_bytes() for file in files}
        try:
            yield
        finally:
            for path, content in before.items():
                path.write_bytes(content)

    def set(self, stack: str, group: str, key: str, value: object) -> None:
        """Change one setting of a stack file."""
        path = self.root / f"Pulumi.{stack}.yaml"
        document = yaml.safe_load(path.read_text())
        document["config"].setdefault(f"drydock:{group}", {})[key] = value
        path.write_text(yaml.safe_dump(document, sort_keys=False))

    def replace(self, file: str, old: str, new: str, *, first: bool = False) -> None:
        """Replace the first occurrence of `old` in a source file."""
        path = self.root / file
        text = path.read_text()
        assert text.count(old) == 1 or (first and old in text), f"{old!r} is {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new, 1))


@cache  # it takes 20 ms of CPU to make a client, and some tests ask for one in each round of a loop
def _client(service: str, **options: str) -> Any:
    return boto3.client(service, **options)  # type: ignore[call-overload]
