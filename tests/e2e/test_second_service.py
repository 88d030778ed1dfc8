"""Services that a user adds in the stack file only: in Go with a Dockerfile, in Python, and one with a database."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from localcloud.cluster.addresses import loopback_of
from tests.e2e.checkout import Checkout
from tests.images.bases import golang, required_mirror
from tests.support import plain_http
from tests.support.buildah import Buildah
from tests.support.wheels import greeting_wheel

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
SERVICES = Path(__file__).parent / "services"
PODS: dict[str, Any] = {
    "minReplicas": 1,
    "maxReplicas": 1,
    "minAvailable": 1,
    "cpuRequest": "50m",
    "memoryRequest": "64Mi",
    "preStopSeconds": 1,
    "shutdownSeconds": 5,
    "minReadySeconds": 0,
}
GO: dict[str, Any] = {
    **PODS,
    "image": "services/hello-go",
    "port": 9000,
    "readinessPath": "/healthz",
    "livenessPath": "/healthz",
    "route": {"pathPrefix": "/hello-go"},
}
PYTHON: dict[str, Any] = {**PODS, "image": "services/hello-python", "route": {"pathPrefix": "/hello-python"}}
# The bundled service's code with its own schema; its migration signs in with IAM too.
NOTES: dict[str, Any] = {
    **PODS,
    "image": "app",
    "memoryRequest": "128Mi",
    "readinessPath": "/health/ready",
    "livenessPath": "/health/live",
    "route": {"pathPrefix": "/notes"},
    "database": {"maxConnections": 3},
    "migration": {"command": ["python", "-m", "app", "migrate"]},
    "command": ["python", "-m", "app", "serve"],
}


@pytest.fixture
def user(platform: Checkout, tmp_path: Path) -> Iterator[Checkout]:
    """A checkout with two user projects in addition to `app/`, and a base image with Go, built without a registry."""
    mirror = required_mirror("buildah", "bwrap", "mmdebstrap")
    Buildah(platform.state / "buildah").import_archive(golang(mirror), "golang")
    shutil.copytree(SERVICES, platform.root / "services")
    (platform.root / "services" / "hello-python" / "requirements.lock").write_text(greeting_wheel(tmp_path))
    try:
        with platform.restored("Pulumi.local.yaml"):
            yield platform
    finally:
        if "service_urls" in platform.outputs():  # only after a failed test
            platform.run("up", "local")
        shutil.rmtree(platform.root / "services")


def deploy(user: Checkout, services: dict[str, Any]) -> None:
    """Write exactly these services to the stack file, and run `up`."""
    path = user.root / "Pulumi.local.yaml"
    document = yaml.safe_load(path.read_text())
    document["config"]["drydock:services"] = services
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    user.run("up", "local")


def answer(user: Checkout, path: str) -> tuple[int, str]:
    """Return status and text of the load balancer's answer."""
    response = plain_http.get(f"{user.url()}{path}")
    return response.status_code, response.text


def namespaces(user: Checkout) -> set[str]:
    """Return the namespaces whose names begin with `drydock`."""
    return {name for name in user.kubectl("get", "namespaces", "-o", "name").split() if "/drydock" in name}


def query(user: Checkout, statement: str) -> set[Any]:
    """Return the values of a query with one column, as the server's superuser."""
    cloud = user.cloud()
    server = {"host": cloud.postgres_host, "port": cloud.postgres_port, "user": cloud.postgres_user}
    with psycopg.connect(**server, password=cloud.postgres_password, dbname="app") as connection:
        return {value for (value,) in connection.execute(statement)}  # type: ignore[call-overload]


def pod_url(user: Checkout, name: str) -> str:
    """Return the URL of a pod of a service, which bypasses the load balancer."""
    selector = "app.kubernetes.io/component=server"
    path = "jsonpath={.items[0].status.podIP}"
    return (
        f"http://{loopback_of(user.kubectl('-n', f'drydock-{name}', 'get', 'pods', '-l', selector, '-o', path))}:8080"
    )


def test_adds_and_removes_services_with_their_entries(user: Checkout) -> None:
    """Each is served at its path in addition to the bundled one, and can be removed without affecting the others."""
    deploy(user, {"hello-go": GO, "hello-python": PYTHON, "notes": NOTES})

    status, text = answer(user, "/hello-go")
    assert (status, text.startswith("go1."), text.endswith(", user 10001\n")) == (200, True, True)
    assert answer(user, "/hello-python/anything") == (200, "from the lock")
    assert answer(user, "/health/ready")[0] == 200
    urls = user.outputs()["service_urls"]
    assert {name: url.rpartition("/")[2] for name, url in urls.items()} == {name: name for name in urls}

    created = plain_http.post(f"{pod_url(user, 'notes')}/api/v1/items", json={"name": "mine"})
    assert created.status_code == 201
    assert query(user, "SELECT name FROM notes.items") == {"mine"}
    assert "mine" not in query(user, "SELECT name FROM public.items")
    assert query(user, "SELECT tableowner FROM pg_tables WHERE schemaname = 'notes'") == {"notes__migration"}

    deploy(user, {"hello-python": PYTHON})

    assert query(user, "SELECT name FROM notes.items") == {"mine"}  # the data stays when the entry is removed

    assert answer(user, "/hello-go")[0] == 404  # from the bundled service, which has the default route
    assert answer(user, "/hello-python")[0] == 200
    assert answer(user, "/health/ready")[0] == 200
    assert namespaces(user) == {"namespace/drydock", "namespace/drydock-hello-python"}

    deploy(user, {})

    assert answer(user, "/hello-python")[0] == 404
    assert answer(user, "/health/ready")[0] == 200
    assert namespaces(user) == {"namespace/drydock"}
