"""Start, status and stop of a local cloud."""

import signal
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from localcloud import control
from localcloud.errors import CloudError
from localcloud.files import make_private, write_json
from localcloud.supervisor import STATUS_FILE
from tests.support.ports import free_ports
from tests.support.supervisor import living_supervisor

PART = {"pid": 7, "ready": False, "restarts": 0}


def test_nothing_runs_in_a_missing_folder(tmp_path: Path) -> None:
    """Stopping it is no error."""
    state = tmp_path / "none"

    assert control.running(state) is None
    assert control.status(state) == []
    control.stop(state)


def test_ignores_a_record_without_a_running_supervisor(tmp_path: Path) -> None:
    """cloud.json remains after a kill, but the lock does not."""
    write_json(tmp_path / "cloud.json", {})
    write_json(tmp_path / STATUS_FILE, {"failed": "", "parts": {}})

    assert control.running(tmp_path) is None
    assert control.status(tmp_path) == []


def test_status_returns_each_part_while_a_supervisor_runs(tmp_path: Path) -> None:
    """The status is the last one written."""
    write_json(tmp_path / STATUS_FILE, {"failed": "", "parts": {"etcd": {"pid": 7, "ready": True, "restarts": 2}}})
    with living_supervisor(tmp_path):
        assert control.status(tmp_path) == [control.PartStatus(name="etcd", pid=7, ready=True, restarts=2)]


def start(state: Path, progress: Callable[[str], None] = lambda _message: None, owner_pid: int | None = None) -> None:
    """Start a cloud with programs that fail immediately."""
    broken = state.with_name("etcd")
    broken.parent.mkdir(exist_ok=True)
    broken.write_text("#!/bin/sh\necho 'cannot run: no such luck' >&2\nexit 3\n")
    broken.chmod(0o755)
    names = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
    control.start(
        state,
        name="broken",
        region="eu-central-1",
        engine_version="18.1",
        binaries=dict.fromkeys(names, str(broken)),
        progress=progress,
        owner_pid=owner_pid,
    )


def test_a_failed_start_reports_the_reason(tmp_path: Path) -> None:
    """The message has the part and the last lines of its log; the folder is private."""
    state = tmp_path / "state"
    with pytest.raises(CloudError, match=r"etcd ended 5 times, last with code 3\n.*no such luck"):
        start(state)

    assert control.status(state) == []
    assert state.stat().st_mode & 0o777 == 0o700


def test_a_start_without_its_ports_says_why(tmp_path: Path) -> None:
    """The whole message is the reason, without the log."""
    state = tmp_path / "state"
    make_private(state)
    (state / "aws.journal").write_text("{}\n")
    with socket.create_server(("127.0.0.1", 0)) as taker:
        port = taker.getsockname()[1]
        free = free_ports("kube-apiserver", "aws")
        write_json(state / "ports.json", {**free, "rds": port})
        with pytest.raises(CloudError, match=rf"^the local cloud did not start: port {port} is in use by .*$"):
            start(state)


def test_a_start_waits_for_the_end_of_a_stopping_cloud(tmp_path: Path) -> None:
    """It does not join the stopping cloud, but starts a new one."""
    state = tmp_path / "state"
    state.mkdir()
    write_json(state / STATUS_FILE, {"failed": "", "stopping": True, "parts": {}})
    said: list[str] = []
    with living_supervisor(state) as stopping:

        def progress(message: str) -> None:
            said.append(message)
            assert stopping.stdin is not None
            stopping.stdin.close()

        with pytest.raises(CloudError, match="etcd ended 5 times"):
            start(state, progress)

    assert said[0] == "waiting for the last run to stop"


def test_refuses_a_running_cloud_of_another_region(tmp_path: Path) -> None:
    """The message has both regions and the remedy."""
    state = tmp_path / "state"
    state.mkdir()
    write_json(state / control.REQUEST_FILE, {"region": "us-west-2"})
    with living_supervisor(state), pytest.raises(CloudError, match=r"us-west-2, but eu-central-1 .*drydock down local"):
        start(state)


def test_a_start_that_joins_another_fails_with_it(tmp_path: Path) -> None:
    """If the awaited supervisor ends, the error is immediate and has the reason."""
    state = tmp_path / "state"
    state.mkdir()
    write_json(state / control.REQUEST_FILE, {"region": "eu-central-1"})
    write_json(state / STATUS_FILE, {"failed": "etcd is not well", "parts": {"etcd": PART}})
    with living_supervisor(state) as other:

        def progress(_message: str) -> None:
            assert other.stdin is not None
            other.stdin.close()

        with pytest.raises(CloudError, match="etcd is not well"):
            start(state, progress)


def test_stopping_ends_the_process_with_the_lock(tmp_path: Path) -> None:
    """The pid in a file of an earlier run is ignored."""
    with living_supervisor(tmp_path) as process:
        control.stop(tmp_path)

        assert process.wait() == -signal.SIGTERM
    assert control.running(tmp_path) is None


def test_a_folder_that_two_commands_remove_is_gone(tmp_path: Path) -> None:
    """Another command may clear it as the left-over of a killed one; neither fails."""
    folder = tmp_path / f"{control.REMOVED}preview-dev-1"
    for number in range(400):
        (folder / f"folder-{number}" / "nested").mkdir(parents=True)

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(control.remove, folder) for _ in range(8)]:
            done.result()

    assert not folder.exists()
