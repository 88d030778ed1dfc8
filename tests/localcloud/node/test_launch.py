"""A container of a Python project is started with the interpreter and the packages of its own environment."""

import subprocess
from pathlib import Path
from typing import Any

from localcloud.cluster.addresses import PodAddresses
from localcloud.images.build import build
from localcloud.images.store import ImageStore
from localcloud.node.environment import Sources
from localcloud.node.host import PATH, Host
from localcloud.node.launch import Launch, prepare
from tests.support.wheels import greeting_wheel

MAIN = """import importlib.util, greeting
print(greeting.TEXT, [name for name in ("pulumi", "moto", "fastapi", "localcloud") if importlib.util.find_spec(name)])
"""
POD: dict[str, Any] = {
    "metadata": {"name": "shop", "namespace": "shop", "uid": "1"},
    "spec": {"containers": [{"name": "server", "image": "shop"}]},
}


def launch_of(tmp_path: Path, lock: str | None) -> Launch:
    """Build a project, and return how its container is started."""
    context = tmp_path / "shop"
    context.mkdir()
    (context / "main.py").write_text(MAIN)
    (context / "Dockerfile").write_text('FROM scratch\nWORKDIR /srv\nCOPY main.py .\nCMD ["python", "/srv/main.py"]\n')
    if lock is not None:
        (context / "requirements.lock").write_text(lock)
    image, store = build(context, context / "Dockerfile"), ImageStore(tmp_path / "state")
    store.put(image)
    unused: Any = None
    host = Host(
        api=unused,
        record=unused,
        images=store,
        addresses=PodAddresses(10),
        state=tmp_path / "state",
        aws={},
        trust={},
        identity=unused,
        secrets_store=unused,
    )
    sources = Sources(pod=POD, config_maps={}, secrets={}, addresses={"podIP": "127.10.0.1"}, allocatable={})
    spec = POD["spec"]["containers"][0]
    return prepare(host, POD, spec, digest=image.digest, sources=sources, volumes={}, identity={})


def test_a_python_project_finds_only_its_own_packages(tmp_path: Path) -> None:
    """`python` is that of its environment: a locked package is found, and no package of Drydock."""
    launch = launch_of(tmp_path, greeting_wheel(tmp_path))
    done = subprocess.run(launch.argv, env=launch.env, cwd=launch.cwd, capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("from the lock []\n", "")
    assert launch.wrapper == ()


def test_an_image_without_a_lock_file_runs_with_the_interpreter_of_drydock(tmp_path: Path) -> None:
    """PATH begins with Drydock's own programs, which the bundled service needs."""
    launch = launch_of(tmp_path, None)

    assert launch.env["PATH"] == PATH
    assert "VIRTUAL_ENV" not in launch.env
