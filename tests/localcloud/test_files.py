"""Private files are private, whole, and clear about being broken."""

from pathlib import Path

import pytest

from localcloud.errors import CloudError
from localcloud.files import read_json, write_json


def test_writes_for_the_owner_only(tmp_path: Path) -> None:
    """The mode is 0600 and no draft stays."""
    write_json(tmp_path / "a.json", {"secret": 1})

    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert read_json(tmp_path / "a.json") == {"secret": 1}


def test_a_missing_file_is_none(tmp_path: Path) -> None:
    """Absence is no error."""
    assert read_json(tmp_path / "none.json") is None


def test_rejects_a_corrupt_file_by_name(tmp_path: Path) -> None:
    """The message names the file and the way out."""
    (tmp_path / "a.json").write_text('{"half":')

    with pytest.raises(CloudError, match=r"a\.json is corrupt .*delete"):
        read_json(tmp_path / "a.json")
