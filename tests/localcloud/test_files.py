"""Files of the state folder are private and written atomically; corrupt ones are reported."""

from pathlib import Path

import pytest

from localcloud.errors import CloudError
from localcloud.files import LOG_BYTES, make_private, open_log, read_json, write_json


def test_writes_for_the_owner_only(tmp_path: Path) -> None:
    """The mode is 0600, and no temporary file is left."""
    write_json(tmp_path / "a.json", {"secret": 1})

    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert read_json(tmp_path / "a.json") == {"secret": 1}


def test_a_missing_file_is_none(tmp_path: Path) -> None:
    """A missing file is no error."""
    assert read_json(tmp_path / "none.json") is None


def test_rejects_a_corrupt_file_by_name(tmp_path: Path) -> None:
    """The message has the file and the remedy."""
    (tmp_path / "a.json").write_text('{"half":')

    with pytest.raises(CloudError, match=r"a\.json is corrupt .*delete"):
        read_json(tmp_path / "a.json")


def test_new_folders_are_for_the_owner_only(tmp_path: Path) -> None:
    """This includes missing parents, and an existing folder with a too open mode; other parents are not changed."""
    tmp_path.chmod(0o755)
    (tmp_path / "open").mkdir(mode=0o755)

    make_private(tmp_path / "a" / "b")
    make_private(tmp_path / "open")

    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path, *tmp_path.rglob("*"))}
    assert modes == {tmp_path.name: 0o755, "a": 0o700, "b": 0o700, "open": 0o700}


def test_a_log_is_rotated_at_a_maximum_size(tmp_path: Path) -> None:
    """It is renamed, and replaces the previously rotated one."""
    log, previous = tmp_path / "etcd.log", tmp_path / "etcd.log.previous"
    for _ in range(2):
        with open_log(log) as file:
            file.write(b"line\n")
    assert log.read_bytes() == b"line\n" * 2
    assert log.stat().st_mode & 0o777 == 0o600

    previous.write_text("older")
    log.write_bytes(b"x" * (LOG_BYTES + 1))
    open_log(log).close()

    assert log.stat().st_size == 0
    assert previous.stat().st_size == LOG_BYTES + 1
