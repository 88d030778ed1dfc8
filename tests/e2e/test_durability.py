"""Acknowledged data survives the kill of any process; the next `up` recovers and creates nothing twice."""

import json
import os
import signal
import time
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from localcloud import control
from localcloud.ports import claim_pod_network
from tests.e2e.checkout import COMMAND_SECONDS, Checkout
from tests.support import plain_http

pytestmark = pytest.mark.e2e
RECOVERY_SECONDS = 60


def post_item(platform: Checkout) -> str:
    """Create an item with a unique name and return its id."""
    name = f"kept-{uuid.uuid4().hex[:8]}"
    response = plain_http.post(f"{platform.url()}/api/v1/items", json={"name": name})
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


def read_item(platform: Checkout, id_: str) -> int:
    """Return the status of reading the item back."""
    return plain_http.get(f"{platform.url()}/api/v1/items/{id_}").status_code


def await_ready(platform: Checkout) -> None:
    """Wait until the service is ready, or fail."""
    url = f"{platform.url()}/health/ready"
    deadline = time.monotonic() + RECOVERY_SECONDS
    while True:
        try:
            if plain_http.get(url).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < deadline, f"{url} is not ready after {RECOVERY_SECONDS} s"
        time.sleep(0.2)


def pid_of(platform: Checkout, part: str) -> int:
    """Return the process id of a part of the local cloud."""
    (pid,) = [status.pid for status in control.status(platform.state) if status.name == part]
    assert pid is not None
    return pid


def pod_octet(platform: Checkout) -> int:
    """Return X of the pod network 10.X.0.0/16."""
    return int(json.loads((platform.state / "settings.json").read_text())["pod_octet"])


def inventory(platform: Checkout) -> list[str]:
    """Return the kinds of all resources in the local AWS account, from its inventory endpoint."""
    with urllib.request.urlopen(f"{platform.cloud().aws_endpoint}/drydock/inventory") as response:
        items: list[dict[str, Any]] = json.load(response)
    return sorted(f"{item['service']} {item['kind']}" for item in items)


def test_an_item_survives_a_killed_postgres(platform: Checkout) -> None:
    """After kill -9 of the database server, an acknowledged item is still there; the supervisor restarts the server."""
    item = post_item(platform)
    server = psutil.Process(pid_of(platform, "postgres"))
    server.kill()
    psutil.wait_procs([server], timeout=10)
    await_ready(platform)

    assert read_item(platform, item) == 200
    assert pid_of(platform, "postgres") != server.pid


def test_an_item_survives_down_with_keep_data(platform: Checkout) -> None:
    """After `down --keep-data` and `up`, the data and the resources are the same and nothing is created.

    Meanwhile another local cloud has claimed the pod network.
    """
    item = post_item(platform)
    before = inventory(platform)
    platform.run("down", "local", "--keep-data")
    assert control.status(platform.state) == []
    octet = pod_octet(platform)
    _, claim = claim_pod_network(octet)
    with claim:
        said = platform.run("up", "local").stderr
    await_ready(platform)

    assert pod_octet(platform) != octet
    assert read_item(platform, item) == 200
    assert inventory(platform) == before
    assert "create" not in said.split(" done ")[1]


@pytest.mark.parametrize(
    ("part", "number"),
    [
        ("etcd", signal.SIGKILL),
        ("kube-apiserver", signal.SIGTERM),  # it stops listening immediately and ends with its last watch
        ("aws", signal.SIGKILL),
        ("node", signal.SIGKILL),
    ],
)
def test_a_part_that_is_killed_or_stopped_is_restarted(platform: Checkout, part: str, number: int) -> None:
    """The supervisor restarts it, and the next `up` finds everything as it was."""
    item = post_item(platform)
    before = inventory(platform)
    os.kill(pid_of(platform, part), number)
    said = platform.run("up", "local").stderr
    await_ready(platform)

    assert read_item(platform, item) == 200
    assert inventory(platform) == before
    assert "create" not in said.split(" done ")[1]


def test_a_killed_supervisor_is_replaced_by_the_next_up(platform: Checkout) -> None:
    """The parts of the local cloud end with it, and `up` starts them on the same data."""
    item = post_item(platform)
    before = inventory(platform)
    supervisor = platform.cloud().pid
    parts = [psutil.Process(status.pid) for status in control.status(platform.state) if status.pid]
    os.kill(supervisor, signal.SIGKILL)
    _, alive = psutil.wait_procs(parts, timeout=20)
    assert alive == []
    platform.run("up", "local")
    await_ready(platform)

    assert platform.cloud().pid != supervisor
    assert read_item(platform, item) == 200
    assert inventory(platform) == before


def test_the_engine_writes_no_state_file_in_place(platform: Checkout) -> None:
    """The state file, which is replaced by a rename, exists; `.attrs` files, which are written in place, do not."""
    files = [path for path in (platform.state / "pulumi-state").rglob("*") if path.is_file()]

    assert "local.json" in {path.name for path in files}
    assert [path for path in files if path.suffix == ".attrs"] == []


@pytest.mark.timeout(900)  # five commands, one after the other
def test_up_after_a_kill_of_aws_and_the_engine_creates_nothing_twice(fresh: Checkout, platform: Checkout) -> None:
    """Kill the AWS process between journal and answer, then the engine: the next `up` yields a complete account.

    The account has no more resources than that of a deployment that nothing disturbed."""
    said = up_with_aws_killed_in_its_window(fresh)
    assert "aws of the local cloud ended meanwhile; run `drydock up local` again" in said

    kill_the_engine(fresh, seen="aws:eks/cluster:Cluster")
    again = fresh.run("up", "local").stderr
    await_ready(fresh)

    assert inventory(fresh) == inventory(platform)
    assert "InvalidSubnet.Conflict" not in again
    assert "0 changes" in fresh.run("up", "local").stderr
    assert "0 left in the AWS account" in fresh.run("down", "local").stderr


def up_with_aws_killed_in_its_window(checkout: Checkout) -> str:
    """Run `up`, kill the local account between its journal entry and its response to the engine, and return the errors.

    The entry is that of a subnet.
    """
    reached = checkout.root / "reached"
    commit = 'self._operations.commit(operation, {**outcome, "inputs": inputs, "outputs": outputs})\n'
    stop = f"""
            import pathlib, time
            if target.type.endswith(":Subnet") and not pathlib.Path({str(reached)!r}).exists():
                pathlib.Path({str(reached)!r}).touch()
                time.sleep(120)
"""
    checkout.replace("localcloud/aws/provider.py", commit, commit + stop)
    command = checkout.start("up", "local")
    deadline = time.monotonic() + COMMAND_SECONDS
    while not reached.exists():
        assert command.poll() is None, command.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(pid_of(checkout, "aws"), signal.SIGKILL)
    _, said = command.communicate(timeout=COMMAND_SECONDS)
    assert command.returncode == 1, said
    return said


def kill_the_engine(checkout: Checkout, seen: str) -> None:
    """Kill `up` and its engine once it has created a resource of a type."""
    command = checkout.start("up", "local")
    assert command.stderr is not None
    said = ""
    while seen not in said:
        line = command.stderr.readline()
        assert line, said
        said += line
    for engine in engines_of(checkout.root):
        engine.kill()
    command.kill()
    command.communicate()


def engines_of(root: Path) -> list[psutil.Process]:
    """Return the processes of the Pulumi engine whose working directory is in a checkout."""
    found = []
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["name"] == "pulumi" and str(process.info["cwd"] or "").startswith(str(root)):
            found.append(process)
    assert found
    return found
