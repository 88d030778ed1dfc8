"""Volumes as folders."""

import base64
import stat
from pathlib import Path
from typing import Any

import pytest

from localcloud.node.fields import ConfigError
from localcloud.node.volumes import files, references, write
from tests.localcloud.node.test_environment import sources

PASSWORD = base64.b64encode(b"s3cret").decode()


def test_has_all_or_selected_keys_of_a_secret() -> None:
    """`items` selects keys and their paths."""
    assert files({"secret": {"secretName": "db"}}, sources()) == {"password": b"s3cret"}
    selected = {"secret": {"secretName": "db", "items": [{"key": "password", "path": "db/pw"}]}}
    assert files(selected, sources()) == {"db/pw": b"s3cret"}


def test_projects_several_sources_into_one_folder() -> None:
    """The sources are ConfigMap, Secret and the downward API."""
    parts = [
        {"configMap": {"name": "settings", "items": [{"key": "LEVEL", "path": "level"}]}},
        {"secret": {"name": "db"}},
        {"downwardAPI": {"items": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]}},
    ]

    found = files({"projected": {"sources": parts}}, sources())

    assert found == {"level": b"info", "password": b"s3cret", "labels": b'app="web"'}


@pytest.mark.parametrize(
    ("volume", "message"),
    [
        ({"secret": {"secretName": "none"}}, 'secret "none" not found'),
        ({"name": "x", "hostPath": {"path": "/"}}, "volume type hostPath is not supported"),
        (
            {"configMap": {"name": "settings", "items": [{"key": "no", "path": "x"}]}},
            "configmap settings has no key no",
        ),
    ],
)
def test_rejects_missing_and_unsupported_sources(volume: dict[str, Any], message: str) -> None:
    """The message names the source."""
    with pytest.raises(ConfigError, match=message):
        files(volume, sources())


def test_optional_volume_is_empty() -> None:
    """The pod starts without the source."""
    assert files({"secret": {"secretName": "none", "optional": True}}, sources()) == {}


def test_swaps_all_files_in_one_step(tmp_path: Path) -> None:
    """All files change together by a new folder behind a symbolic link."""
    assert write(tmp_path, {"a": b"1", "sub/b": b"1"})
    before = (tmp_path / "..data").resolve()

    assert write(tmp_path, {"a": b"2", "c": b"2"})

    assert (tmp_path / "a").read_bytes() == b"2"
    assert (tmp_path / "c").read_bytes() == b"2"
    assert not (tmp_path / "sub").exists()
    assert (tmp_path / "..data").resolve() != before
    assert not before.exists()
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    assert not write(tmp_path, {"a": b"2", "c": b"2"})


def test_empty_dir_keeps_the_files_of_the_pod(tmp_path: Path) -> None:
    """Another write of the volume does not remove them."""
    write(tmp_path / "cache", None)
    (tmp_path / "cache" / "x").write_text("kept")

    write(tmp_path / "cache", None)

    assert (tmp_path / "cache" / "x").read_text() == "kept"


def test_finds_every_reference_of_a_pod() -> None:
    """References are in environment variables and volumes, including projected ones."""
    pod = {
        "spec": {
            "containers": [
                {
                    "envFrom": [{"configMapRef": {"name": "a"}}],
                    "env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "b", "key": "k"}}}, {"name": "Y"}],
                }
            ],
            "volumes": [
                {"secret": {"secretName": "c"}},
                {"projected": {"sources": [{"configMap": {"name": "d"}}, {"secret": {"name": "e"}}]}},
            ],
        }
    }

    assert references(pod) == {
        ("configMap", "a"),
        ("secret", "b"),
        ("secret", "c"),
        ("configMap", "d"),
        ("secret", "e"),
    }
