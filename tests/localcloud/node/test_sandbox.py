"""A Go server with its own Dockerfile. Real: buildah, bubblewrap and the control plane."""

import os
import platform
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from localcloud.images.store import ImageStore
from localcloud.protocol.servicer import Target
from localcloud.providers.docker_build import DockerBuildProvider
from tests.localcloud.node.test_agent import address, ready_pod
from tests.support.node import NodeStage, eventually, fetch

SERVER = """
package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "build" {
		os.WriteFile("/built", []byte("by RUN"), 0o644)
		return
	}
	if len(os.Args) > 1 && os.Args[1] == "check" {
		_, err := os.Stat("/srv/data")
		if err != nil { os.Exit(1) }
		return
	}
	go func() {
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM)
		<-asked
		fmt.Println("draining")
		time.Sleep(500 * time.Millisecond)
		fmt.Println("stopped")
		os.Exit(0)
	}()
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		built, _ := os.ReadFile("/built")
		folder, _ := os.Getwd()
		fmt.Fprintf(w, "%s %d %s %s %s\\n", built, os.Getuid(), folder, os.Getenv("FROM_IMAGE"), os.Getenv("FROM_POD"))
	})
	http.HandleFunc("/write", func(w http.ResponseWriter, r *http.Request) {
		err := os.WriteFile(r.URL.Query().Get("path"), []byte("x"), 0o644)
		fmt.Fprint(w, err)
	})
	http.HandleFunc("/exit", func(w http.ResponseWriter, r *http.Request) { os.Exit(7) })
	fmt.Println("serving")
	fmt.Println(http.ListenAndServe(os.Getenv("HOST")+":8080", nil))
}
"""
DOCKERFILE = """FROM scratch AS build
COPY server /server
RUN ["/server", "build"]
FROM scratch
COPY --from=build /server /built /
WORKDIR /srv/data
ENV FROM_IMAGE=image
USER 10002:10003
ENTRYPOINT ["/server"]
"""
MISSING = [name for name in ("buildah", "bwrap", "go") if not shutil.which(name)]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not on PATH: {', '.join(MISSING)}")


@pytest.fixture(scope="module")
def image(stage: NodeStage) -> str:
    """Build and unpack the image for the node; return its reference."""
    context = stage.state / "contexts" / "go"
    context.mkdir(parents=True)
    (context / "main.go").write_text(SERVER)
    (context / "Dockerfile").write_text(DOCKERFILE)
    subprocess.run(
        ["go", "build", "-o", "server", "main.go"],
        cwd=context,
        env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod"},
        check=True,
    )
    provider = DockerBuildProvider(stage.state, None)
    target = Target(type="docker-build:index:Image", name="go", urn="urn:go")
    architecture = {"aarch64": "arm64"}.get(platform.machine(), "amd64")
    inputs = provider.check(target, {}, {"context": {"location": str(context)}, "platforms": [f"linux/{architecture}"]})
    _, preview = provider.create(target, inputs, preview=True)
    _, outputs = provider.create(target, inputs, preview=False)
    assert preview["digest"] != outputs["digest"]
    assert ImageStore(stage.state).is_container(outputs["digest"])
    return f"registry.test/go@{outputs['digest']}"


def spec(image: str, **container: Any) -> dict[str, Any]:
    return {
        "terminationGracePeriodSeconds": 5,
        "containers": [
            {
                "name": "app",
                "image": image,
                "env": [{"name": "FROM_POD", "value": "pod"}],
                "ports": [{"name": "http", "containerPort": 8080}],
                "readinessProbe": {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 1},
                **container,
            }
        ],
    }


def test_runs_in_its_own_root_file_system(stage: NodeStage, image: str) -> None:
    """Two pods run as the image's user in its folder, with files from RUN; a file that one writes is its own."""
    namespace = stage.namespace("container")
    for name in ("a", "b"):
        stage.create(f"{namespace}/pods", {"metadata": {"name": name}, "spec": spec(image)})
    first, second = (f"http://{address(ready_pod(stage, f'{namespace}/pods/{name}'))}:8080" for name in ("a", "b"))

    assert fetch(f"{first}/") == fetch(f"{second}/") == "by RUN 10002 /srv/data image pod\n"
    assert fetch(f"{first}/write?path=/built") == "<nil>"
    assert (fetch(f"{first}/") or "").startswith("x 10002")
    assert (fetch(f"{second}/") or "").startswith("by RUN 10002")
    assert "serving" in stage.call("GET", f"{namespace}/pods/a/log")


def test_applies_the_security_context(stage: NodeStage, image: str) -> None:
    """A read-only root refuses writes, a volume accepts them, exec probes run inside, and the pod sets the user."""
    namespace = stage.namespace("context")
    container = spec(
        image,
        securityContext={"readOnlyRootFilesystem": True, "runAsUser": 10007, "runAsNonRoot": True},
        volumeMounts=[{"name": "scratch", "mountPath": "/tmp"}],
        readinessProbe={"exec": {"command": ["/server", "check"]}, "periodSeconds": 1},
    )
    container["volumes"] = [{"name": "scratch", "emptyDir": {}}]
    stage.create(f"{namespace}/pods", {"metadata": {"name": "web"}, "spec": container})
    url = f"http://{address(ready_pod(stage, f'{namespace}/pods/web'))}:8080"

    assert fetch(f"{url}/") == "by RUN 10007 /srv/data image pod\n"
    assert "read-only file system" in (fetch(f"{url}/write?path=/x") or "")
    assert fetch(f"{url}/write?path=/tmp/x") == "<nil>"
    assert not Path("/srv/data").exists()  # the probe used a folder that exists only in the container


def test_handles_sigterm_and_restarts_after_an_exit(stage: NodeStage, image: str) -> None:
    """The exit code is reported, it is restarted with clean files, and SIGTERM reaches the program itself."""
    namespace = stage.namespace("ending")
    stage.create(f"{namespace}/pods", {"metadata": {"name": "web"}, "spec": spec(image)})
    path = f"{namespace}/pods/web"
    url = f"http://{address(ready_pod(stage, path))}:8080"
    assert fetch(f"{url}/write?path=/built") == "<nil>"
    fetch(f"{url}/exit")

    def restarted() -> Any:
        status = stage.call("GET", path)["status"]["containerStatuses"][0]
        return status["restartCount"] == 1 and status["ready"] and status

    assert eventually(restarted)["lastState"]["terminated"]["exitCode"] == 7
    assert (fetch(f"{url}/") or "").startswith("by RUN")
    began = time.monotonic()
    stage.call("DELETE", path)
    eventually(lambda: stage.call("GET", path) is None)
    assert 0.4 < time.monotonic() - began < 4  # it drained, and ended before the grace period


def test_refuses_a_root_user(stage: NodeStage, image: str) -> None:
    """runAsNonRoot with the user 0 is a configuration error, as in the kubelet."""
    namespace = stage.namespace("root")
    container = spec(image, securityContext={"runAsNonRoot": True, "runAsUser": 0})
    stage.create(f"{namespace}/pods", {"metadata": {"name": "web"}, "spec": container})

    def waiting() -> Any:
        statuses = stage.call("GET", f"{namespace}/pods/web")["status"].get("containerStatuses") or [{}]
        return statuses[0].get("state", {}).get("waiting", {}).get("message", "")

    assert eventually(lambda: "runAsNonRoot" in waiting() and waiting()) == (
        "container has runAsNonRoot and image will run as root"
    )
