"""Settings that are read again when their files change; the last accepted values are used."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from app.settings import CurrentSettings, Settings

FIRST = "the first token that there is"


@pytest.fixture(params=["driver", "kubelet"])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A folder as written by the Secrets Store CSI driver, or by the kubelet with links through `..data`."""
    if request.param == "kubelet":
        (tmp_path / "..1").mkdir()
        (tmp_path / "..data").symlink_to("..1")
        (tmp_path / "FAULT_TOKEN").symlink_to("..data/FAULT_TOKEN")
    put(tmp_path, FIRST)
    return tmp_path


def put(folder: Path, token: str | bytes) -> None:
    """Replace the file of the token atomically."""
    target = (folder / "FAULT_TOKEN").resolve() if (folder / "FAULT_TOKEN").is_symlink() else folder / "FAULT_TOKEN"
    draft = folder / ".draft"
    draft.write_bytes(token if isinstance(token, bytes) else token.encode())
    draft.replace(target)


def settings_in(folder: Path) -> Settings:
    return Settings(database_url="postgresql://db/app", secrets_dir=folder, fault_token=FIRST, environment="test")


def token(current: CurrentSettings) -> str:
    found = current().fault_token
    return found.get_secret_value() if found else ""


def test_a_rotated_secret_is_used_without_a_restart(folder: Path) -> None:
    current = CurrentSettings(settings_in(folder))
    assert token(current) == FIRST

    put(folder, "the second one")
    assert token(current) == FIRST, "too short, so it is no token"
    put(folder, "the second token that there is")

    assert token(current) == "the second token that there is"


def test_files_are_read_only_after_a_change(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    current = CurrentSettings(settings_in(folder))
    current()
    reads: list[str] = []
    original = Settings.with_current_files
    monkeypatch.setattr(Settings, "with_current_files", lambda self: reads.append("read") or original(self))

    for _ in range(3):
        current()
    put(folder, "another token than before")
    for _ in range(3):
        current()

    assert reads == ["read"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [("short", "FAULT_TOKEN"), ("", "FAULT_TOKEN"), (b"\xff\xfe not UTF-8 at all", "UnicodeDecodeError|SettingsError")],
)
def test_a_refused_value_is_logged_without_the_value(folder: Path, content: str | bytes, fault: str) -> None:
    """The service keeps the former value, so a wrong rotation does not stop it."""
    current = CurrentSettings(settings_in(folder))
    put(folder, content)

    with capture_logs() as logs:
        assert token(current) == FIRST

    (line,) = logs
    assert line["event"] == "changed secrets refused"
    assert set(line["faults"]) & set(fault.split("|"))
    assert "short" not in str({**line, "event": ""})


def test_a_removed_folder_keeps_the_last_values(folder: Path) -> None:
    current = CurrentSettings(settings_in(folder))
    token(current)
    folder.rename(folder.with_name(f"{folder.name}-gone"))

    assert token(current) == FIRST


def test_without_a_folder_nothing_is_read() -> None:
    settings = Settings(database_url="postgresql://db/app")

    assert CurrentSettings(settings)() is settings


@given(st.lists(st.text("ab", max_size=24), max_size=8))
def test_the_last_accepted_value_is_used(tmp_path_factory: pytest.TempPathFactory, values: list[str]) -> None:
    folder = tmp_path_factory.mktemp("secrets")
    put(folder, FIRST)
    current, accepted = CurrentSettings(settings_in(folder)), FIRST
    for value in values:
        put(folder, value)
        accepted = value if len(value) >= 16 else accepted
        assert token(current) == accepted


def test_reads_during_a_replacement_return_complete_values(folder: Path) -> None:
    """The reader is another thread."""
    values = {letter * 4096 for letter in "ab"}
    put(folder, "a" * 4096)
    current, over, seen = CurrentSettings(settings_in(folder)), threading.Event(), set()

    def read() -> Iterator[str]:
        while not over.is_set():
            yield token(current)

    reader = threading.Thread(target=lambda: seen.update(read()))
    reader.start()
    for index in range(200):
        put(folder, "ab"[index % 2] * 4096)
        os.sched_yield()
    over.set()
    reader.join()

    assert seen <= values
