"""A feature can be removed with its folder and its lines in the composers; the rest starts and serves."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.postgres import PostgresServer

ROOT = Path(__file__).parents[2]
WITH_A_WORKER = ("jobs",)
"""Features that the worker requires: its composer is removed with them."""
PATHS = {
    "sre": ["/sre/dashboard", "/sre/circuit-breakers", "/static/dashboard.css"],
    "faults": ["/faults"],
    "jobs": ["/api/v1/jobs"],
    "web": ["/", "/docs"],
}
OF_APPLICATION = re.compile("client_of|create_app|client: httpx.AsyncClient|tests.app.features")
"""What the source of a test contains that uses the complete application."""
USED_BY_TESTS = ("buildcontext", "components", "infra", "localcloud", "stacks", "tests/localcloud", "tests/support")

REST = """
import asyncio, importlib, json, sys
from pathlib import Path

import httpx

from app.api import create_app
from app.settings import Settings
from app.core.health import readiness

async def main(url, paths):
    readiness.PROBE_TIMEOUT_SECONDS = 20  # the machine may be busy
    app = create_app(Settings(database_url=url, environment="test", fault_token="a token for drills"))
    async with app.router.lifespan_context(app):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
            ready = await client.get("/health/ready")
            item = await client.post("/api/v1/items", json={"name": "anchor"})
            headers = {"X-Fault-Token": "a token for drills"}
            statuses = [(await client.get(path, headers=headers)).status_code for path in paths]
            document = await client.get("/openapi.json")
    modules = sorted(
        ".".join(path.with_suffix("").parts)
        for folder in ("app", "tests/app")
        for path in Path(folder).rglob("*.py")
        if path.name not in ("__main__.py", "env.py") and "versions" not in path.parts
    )
    for module in modules:
        importlib.import_module(module)
    return [ready.status_code, item.status_code, document.status_code, statuses, len(modules)]

print(json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2:]))))
"""


def without(root: Path, *features: str) -> None:
    """Copy the service and its tests to `root`, without the features."""
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in ("app", "tests/app"):
        shutil.copytree(ROOT / folder, root / folder, ignore=ignored)
        for feature in features:
            shutil.rmtree(root / folder / feature)
    for name in USED_BY_TESTS:
        (root / name).symlink_to(ROOT / name)
    if {*features} & {*WITH_A_WORKER}:
        commands = root / "app" / "__main__.py"
        commands.write_text(re.sub(r' +"worker": .*\n', "", commands.read_text()))
        (root / "app" / "worker.py").unlink()
        (root / "tests" / "app" / "test_worker.py").unlink()
    names = "|".join(features)
    line = re.compile(rf"from app\.({names})\.feature import|    +(partial\()?({names})(_of_worker\(|,)")
    for composer in (root / "app").glob("*.py"):
        kept = [text for text in composer.read_text().splitlines(keepends=True) if not line.match(text)]
        composer.write_text("".join(kept))
    (root / "tests" / "app" / "test_removal.py").unlink()


@pytest.mark.parametrize("feature", PATHS)
def test_a_feature_can_be_removed(tmp_path: Path, postgres: PostgresServer, database_url: str, feature: str) -> None:
    """The service is ready and serves, the paths of the feature get 404, and all other modules can be imported."""
    without(tmp_path, feature)
    command = [sys.executable, "-c", REST, database_url, *PATHS[feature]]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 0, done.stderr
    *statuses, modules = json.loads(done.stdout.splitlines()[-1])
    assert statuses == [200, 201, 200, [404] * len(PATHS[feature])]
    assert modules > 150


@pytest.mark.parametrize("feature", PATHS)
def test_the_layers_are_correct_without_a_feature(tmp_path: Path, feature: str) -> None:
    """`make lint` passes without a change of pyproject.toml."""
    without(tmp_path, feature)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "bootstrap").symlink_to(ROOT / "bootstrap")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 0, done.stdout


def test_the_other_tests_pass_without_the_features(tmp_path: Path) -> None:
    """Tests of the complete application, outside of the folders of the features. Slow tests are left out."""
    without(tmp_path, *PATHS)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name in ("__init__.py", "conftest.py"):
        shutil.copy(ROOT / "tests" / name, tmp_path / "tests")
    files = [
        path for path in (tmp_path / "tests" / "app").rglob("test_*.py") if OF_APPLICATION.search(path.read_text())
    ]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow", *map(str, files)]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600)

    assert done.returncode == 0, done.stdout
    assert len(files) > 20
    assert [feature for feature in PATHS if f"the service has no feature {feature}" not in done.stdout] == []
