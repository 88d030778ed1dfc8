"""Finding a supervisor, and telling what its parts are doing."""

from pathlib import Path

import pytest

from localcloud import control
from localcloud.errors import CloudError
from localcloud.files import write_json
from localcloud.supervisor import STATUS_FILE, lock


def test_nothing_runs_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """And stopping it is no error."""
    state = tmp_path / "none"

    assert control.running(state) is None
    assert control.status(state) == []
    control.stop(state)


def test_a_record_without_a_living_supervisor_is_not_believed(tmp_path: Path) -> None:
    """cloud.json outlives a kill; the lock does not."""
    write_json(tmp_path / "cloud.json", {})
    write_json(tmp_path / STATUS_FILE, {"failed": "", "parts": {}})

    assert control.running(tmp_path) is None
    assert control.status(tmp_path) == []


def test_status_tells_each_part_while_a_supervisor_lives(tmp_path: Path) -> None:
    """As it was last written."""
    held = lock(tmp_path)
    assert held is not None
    write_json(tmp_path / STATUS_FILE, {"failed": "", "parts": {"etcd": {"pid": 7, "ready": True, "restarts": 2}}})

    assert control.status(tmp_path) == [control.PartStatus(name="etcd", pid=7, ready=True, restarts=2)]
    held.close()


def test_a_start_that_fails_says_why(tmp_path: Path) -> None:
    """The message names the part, and the last lines of its log."""
    broken = tmp_path / "etcd"
    broken.write_text("#!/bin/sh\necho 'cannot run: no such luck' >&2\nexit 3\n")
    broken.chmod(0o755)
    names = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")

    with pytest.raises(CloudError, match=r"etcd ended 5 times, last with code 3\n.*no such luck"):
        control.start(
            tmp_path / "state",
            name="broken",
            region="eu-central-1",
            binaries=dict.fromkeys(names, str(broken)),
            progress=lambda _message: None,
        )
    assert control.status(tmp_path / "state") == []
