"""The server of the development image."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
import uvicorn

from app import development
from tests.support import plain_http
from tests.support.ports import free_port
from tests.support.service import until

APP = Path(development.__file__).parent


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the code of the service, which a test may change."""
    shutil.copytree(APP, tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def port(copied: Path, database_url: str) -> Iterator[int]:
    """The port of a running development server."""
    port = free_port()
    env = {**os.environ, "DATABASE_URL": database_url, "PORT": str(port), "PYTHONPATH": str(copied)}
    process = subprocess.Popen([sys.executable, "-m", "app.development"], cwd=copied, env=env)
    yield port
    for one in (*psutil.Process(process.pid).children(recursive=True), process):
        one.kill()
    process.wait()


def version(port: int) -> str | None:
    try:
        return str(plain_http.get(f"http://127.0.0.1:{port}/openapi.json", timeout=5).json()["info"]["version"])
    except httpx.TransportError:
        return None


def test_restarts_when_the_code_changes(copied: Path, port: int) -> None:
    """The saved code is served."""
    until(lambda: version(port) is not None, 60)

    (copied / "app" / "__init__.py").write_text('"""Changed."""\n\n__version__ = "99.0"\n')

    until(lambda: version(port) == "99.0", 60)


def test_creates_the_application_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the application of production."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")

    assert "/api/v1/items" in development.create().openapi()["paths"]


def test_listens_on_the_host_and_port_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in production. It watches its own code only."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("PORT", "8123")
    called: dict[str, object] = {}
    monkeypatch.setattr(uvicorn, "run", lambda target, **options: called.update(options, target=target))

    assert development.main() == 0
    assert called["target"] == "app.development:create"
    assert (called["host"], called["port"], called["reload_dirs"]) == ("127.0.0.1", 8123, [str(APP)])


def test_rejects_invalid_settings(capsys: pytest.CaptureFixture[str]) -> None:
    """It prints the message and exits with 2."""
    assert development.main() == 2
    assert "set DATABASE_URL" in capsys.readouterr().err
