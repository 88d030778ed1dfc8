"""The three targets of the Dockerfile, really built, and run as in Kubernetes."""

import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from tests.images import sandbox
from tests.images.conftest import TARGETS
from tests.support import plain_http
from tests.support.buildah import Buildah
from tests.support.ports import free_port
from tests.support.service import until

pytestmark = pytest.mark.timeout(600)
WRITE = "import errno, sys\ntry: open(sys.argv[1], 'w')\nexcept OSError as error: print(errno.errorcode[error.errno])"
START_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Running:
    """A container of a target, started with the entrypoint of the image."""

    target: str
    root: Path
    env: dict[str, str]
    health_command: list[str]
    outside: subprocess.Popen[bytes]
    port: int

    @property
    def process(self) -> psutil.Process:
        """The process on the host that is PID 1 of the container."""
        return psutil.Process(self.outside.pid).children()[0]

    def python(self, code: str, *arguments: str) -> str:
        """Return the output of a Python program in a container of the same image."""
        done = sandbox.run(self.root, ["python", "-c", code, *arguments], self.env)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module", params=TARGETS)
def running(
    request: pytest.FixtureRequest, images: Buildah, roots: dict[str, Path], migrated: str
) -> Iterator[Running]:
    """A live container of each target."""
    config = images.config(request.param)
    port = free_port()
    settings = {"DATABASE_URL": f"{migrated}?sslmode=disable", "PORT": str(port), "DRAIN_SECONDS": "0"}
    env = dict(item.split("=", 1) for item in config["Env"]) | settings
    argv = [*config["Entrypoint"], *(config.get("Cmd") or [])]
    log = roots[request.param].with_name(f"{request.param}.log")
    with log.open("wb") as output:
        outside = sandbox.start(roots[request.param], argv, env, stdout=output, stderr=output)
    container = Running(
        target=request.param,
        root=roots[request.param],
        env=env,
        health_command=config.get("Healthcheck", {}).get("Test", [])[1:],
        outside=outside,
        port=port,
    )
    try:
        until(lambda: outside.poll() is not None or _answers(port), START_SECONDS)
        assert outside.poll() is None, log.read_text()
        yield container
    finally:
        sandbox.stop(outside)


def _answers(port: int) -> bool:
    try:
        return plain_http.get(f"http://127.0.0.1:{port}/health/live", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def test_serves_from_a_read_only_root(running: Running) -> None:
    """It is ready on a real database, and may write to /tmp only."""
    until(lambda: plain_http.get(f"http://127.0.0.1:{running.port}/health/ready").status_code == 200)

    assert running.python(WRITE, "/written") == "EROFS"
    assert running.python(WRITE, "/srv/app/written") == "EROFS"
    assert running.python(WRITE, "/tmp/written") == ""


def test_pid_1_is_python_and_no_process_is_root(running: Running) -> None:
    """So the service gets signals directly, and no process has capabilities."""
    process = running.process
    status = Path(f"/proc/{process.pid}/status").read_text()

    assert process.cmdline()[:2] == ["python", "-m"]
    assert status.split("NSpid:")[1].split("\n")[0].split()[-1] == "1"
    assert {user for one in (process, *process.children(True)) for user in one.uids()} == {sandbox.USER}
    assert "CapEff:\t0000000000000000" in status
    assert running.python("import os; print(os.getgroups())") in {"[]", f"[{sandbox.USER}]"}


def test_packages_are_those_of_the_image_and_compiled(running: Running) -> None:
    """So production and standard compile nothing at their start."""
    where = running.python("import fastapi; print(fastapi.__file__, fastapi.__cached__)").split()

    assert where[0] == "/packages/fastapi/__init__.py"
    assert (running.root / where[1].lstrip("/")).is_file()
    assert any((running.root / "srv/app").rglob("*.pyc")) == (running.target != "development")


@pytest.mark.parametrize("target", ["production", "standard"])
def test_the_health_check_succeeds_only_while_the_service_is_live(
    target: str, images: Buildah, roots: dict[str, Path], migrated: str
) -> None:
    """It needs no shell; it exits with 0 while the service answers, and with 1 if nothing listens."""
    config = images.config(target)
    env = dict(item.split("=", 1) for item in config["Env"]) | {"PORT": str(free_port())}
    kind, *command = config["Healthcheck"]["Test"]
    service = sandbox.start(roots[target], config["Entrypoint"], env | {"DATABASE_URL": migrated})
    try:
        until(lambda: _answers(int(env["PORT"])), START_SECONDS)
        alive = sandbox.run(roots[target], command, env).returncode
    finally:
        sandbox.stop(service)

    assert kind == "CMD"
    assert alive == 0
    assert sandbox.run(roots[target], command, env).returncode == 1


@pytest.mark.parametrize("target", ["production", "standard"])
def test_ends_with_0_on_sigterm(target: str, images: Buildah, roots: dict[str, Path], migrated: str) -> None:
    """PID 1 ignores signals without a handler."""
    config = images.config(target)
    port = free_port()
    env = dict(item.split("=", 1) for item in config["Env"])
    settings = {"DATABASE_URL": migrated, "PORT": str(port), "DRAIN_SECONDS": "0"}
    service = sandbox.start(roots[target], [*config["Entrypoint"], *config["Cmd"]], env | settings)
    try:
        until(lambda: _answers(port), START_SECONDS)
        psutil.Process(service.pid).children()[0].send_signal(signal.SIGTERM)
        assert service.wait(30) == 0
    finally:
        sandbox.stop(service)


def test_production_has_no_program_but_python(roots: dict[str, Path]) -> None:
    """No shell, package manager or pip that an attacker could use."""
    programs = {path.name for place in ("usr/bin", "usr/sbin") for path in (roots["production"] / place).iterdir()}

    assert programs
    assert {name for name in programs if not name.startswith("python")} == set()
    assert not list(roots["production"].rglob("pip"))
    assert sandbox.run(roots["production"], ["/bin/sh", "-c", "true"], {}).returncode != 0


def test_standard_has_diagnostic_tools_and_no_setuid_files(roots: dict[str, Path]) -> None:
    """curl, psql and ps start."""
    root = roots["standard"]
    env = {"PATH": "/usr/bin:/bin"}
    versions = {tool: sandbox.run(root, [tool, "--version"], env) for tool in ("curl", "psql", "ps")}

    assert [name for name, done in versions.items() if done.returncode != 0] == []
    assert [path for path in root.rglob("*") if path.is_file() and path.lstat().st_mode & 0o6000] == []


def test_production_is_the_smallest_image(roots: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """The unpacked sizes are printed."""
    sizes = {
        target: sum(path.lstat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6
        for target, root in roots.items()
    }
    with capsys.disabled():
        print("\nimage sizes: " + ", ".join(f"{target} {size:.0f} MB" for target, size in sizes.items()))

    assert min(sizes, key=lambda target: sizes[target]) == "production"
