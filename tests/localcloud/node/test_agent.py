"""Pods as processes of the node agent. Real: the control plane and the processes."""

import base64
import json
import time
from typing import Any

import psutil
import pytest

from tests.support.node import NodeStage, eventually, fetch
from tests.support.processes import ended


def pod_spec(stage: NodeStage, version: str = "one", **container: Any) -> dict[str, Any]:
    return {
        "terminationGracePeriodSeconds": 5,
        "containers": [
            {
                "name": "app",
                "image": stage.images[version],
                "env": [
                    {"name": "HOST", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                    {"name": "FILES", "value": "/etc/files"},
                ],
                "ports": [{"name": "http", "containerPort": 8080}],
                "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 1},
                **container,
            }
        ],
    }


def condition(item: Any, kind: str) -> str | None:
    found = (item or {}).get("status", {}).get("conditions") or []
    return next((entry["status"] for entry in found if entry["type"] == kind), None)


def ready_pod(stage: NodeStage, path: str) -> Any:
    return eventually(lambda: (item := stage.call("GET", path)) and condition(item, "Ready") == "True" and item)


def address(pod: Any) -> str:
    return "127." + pod["status"]["podIP"].partition(".")[2]


def test_registers_a_ready_node_in_each_zone(stage: NodeStage) -> None:
    """Three nodes on this machine are Ready, so that the scheduler spreads pods over zones."""
    nodes = eventually(
        lambda: (
            (items := stage.call("GET", "/api/v1/nodes")["items"])
            and len(items) == 3
            and all(condition(item, "Ready") == "True" for item in items)
            and items
        )
    )

    zones = {item["metadata"]["labels"]["topology.kubernetes.io/zone"] for item in nodes}
    assert zones == {"eu-central-1a", "eu-central-1b", "eu-central-1c"}


def test_runs_a_pod_and_reports_it_ready(stage: NodeStage) -> None:
    """A bound pod becomes a process that serves at its loopback address, and its status is Ready."""
    namespace = stage.namespace("runs")
    stage.create(f"{namespace}/pods", {"metadata": {"name": "web"}, "spec": pod_spec(stage)})

    pod = ready_pod(stage, f"{namespace}/pods/web")

    assert pod["status"]["phase"] == "Running"
    assert pod["status"]["podIP"].startswith(f"10.{stage.octet}.")
    assert fetch(f"http://{address(pod)}:8080/") == "one"
    assert fetch(f"http://{address(pod)}:8080/env/HOSTNAME") == "web"
    assert "serving one" in stage.call("GET", f"{namespace}/pods/web/log")


def test_a_pod_has_the_variables_for_aws_sdks(stage: NodeStage) -> None:
    """They are the local endpoint and the region; variables of the pod itself have precedence."""
    namespace = stage.namespace("aws")
    spec = pod_spec(stage)
    spec["containers"][0]["env"].append({"name": "AWS_REGION", "value": "us-east-1"})
    stage.create(f"{namespace}/pods", {"metadata": {"name": "web"}, "spec": spec})
    base = f"http://{address(ready_pod(stage, f'{namespace}/pods/web'))}:8080/env"
    port = json.loads((stage.state / "ports.json").read_text())["aws"]

    assert fetch(f"{base}/AWS_ENDPOINT_URL") == f"http://127.0.0.1:{port}"
    assert fetch(f"{base}/AWS_DEFAULT_REGION") == "eu-central-1"
    assert fetch(f"{base}/AWS_REGION") == "us-east-1"


def test_deletes_a_pod_after_the_end_of_its_process(stage: NodeStage) -> None:
    """The process gets SIGTERM, the object is deleted last, and no file is left."""
    namespace = stage.namespace("deletes")
    stage.create(f"{namespace}/pods", {"metadata": {"name": "web"}, "spec": pod_spec(stage)})
    pod = ready_pod(stage, f"{namespace}/pods/web")
    began = time.monotonic()

    stage.call("DELETE", f"{namespace}/pods/web")
    eventually(lambda: stage.call("GET", f"{namespace}/pods/web") is None)

    assert time.monotonic() - began > 1.4  # it drained
    assert fetch(f"http://{address(pod)}:8080/") is None
    eventually(lambda: not (stage.state / "pods" / pod["metadata"]["uid"]).exists())


def test_follows_a_changed_secret(stage: NodeStage) -> None:
    """A mounted Secret has the mode 0600, and its files change while the process runs."""
    namespace = stage.namespace("secrets")
    secret = {"metadata": {"name": "db"}, "data": {"password": base64.b64encode(b"old").decode()}}
    stage.create(f"{namespace}/secrets", secret)
    spec = pod_spec(stage, volumeMounts=[{"name": "files", "mountPath": "/etc/files"}])
    spec["volumes"] = [{"name": "files", "secret": {"secretName": "db"}}]
    stage.create(f"{namespace}/pods", {"metadata": {"name": "web"}, "spec": spec})
    base = f"http://{address(ready_pod(stage, f'{namespace}/pods/web'))}:8080"

    assert fetch(f"{base}/file/password") == "old"
    assert fetch(f"{base}/mode") == "0o600"
    body = {"data": {"password": base64.b64encode(b"new").decode()}}
    stage.call("PATCH", f"{namespace}/secrets/db", body, "application/merge-patch+json")
    eventually(lambda: fetch(f"{base}/file/password") == "new")


def test_a_pod_waits_for_a_missing_secret(stage: NodeStage) -> None:
    """The reason is CreateContainerConfigError until the Secret exists."""
    namespace = stage.namespace("missing")
    spec = pod_spec(stage)
    reference = {"secretKeyRef": {"name": "later", "key": "token"}}
    spec["containers"][0]["env"].append({"name": "TOKEN", "valueFrom": reference})
    stage.create(f"{namespace}/pods", {"metadata": {"name": "web"}, "spec": spec})

    def waiting() -> Any:
        statuses = stage.call("GET", f"{namespace}/pods/web")["status"].get("containerStatuses") or [{}]
        return statuses[0].get("state", {}).get("waiting", {})

    eventually(lambda: waiting().get("reason") == "CreateContainerConfigError")
    assert 'secret "later" not found' in waiting()["message"]
    value = base64.b64encode(b"xyz").decode()
    stage.create(f"{namespace}/secrets", {"metadata": {"name": "later"}, "data": {"token": value}})
    pod = ready_pod(stage, f"{namespace}/pods/web")
    assert fetch(f"http://{address(pod)}:8080/env/TOKEN") == "xyz"


def test_reports_a_missing_image(stage: NodeStage) -> None:
    """The reason is ImagePullBackOff, and the message says which images can be run."""
    namespace = stage.namespace("images")
    spec = pod_spec(stage, image=f"registry.test/other@sha256:{'0' * 64}")
    stage.create(f"{namespace}/pods", {"metadata": {"name": "web"}, "spec": spec})

    def waiting() -> Any:
        statuses = stage.call("GET", f"{namespace}/pods/web")["status"].get("containerStatuses") or [{}]
        return statuses[0].get("state", {}).get("waiting", {})

    eventually(lambda: waiting().get("reason") == "ImagePullBackOff")
    assert "only images built by this local cloud" in waiting()["message"]


def test_restarts_a_crashed_container(stage: NodeStage) -> None:
    """The first restart is immediate; the last state has the exit code, and the old log is the previous one."""
    namespace = stage.namespace("crashes")
    stage.create(f"{namespace}/pods", {"metadata": {"name": "web"}, "spec": pod_spec(stage)})
    pod = ready_pod(stage, f"{namespace}/pods/web")

    fetch(f"http://{address(pod)}:8080/exit")
    status = eventually(
        lambda: (
            (item := stage.call("GET", f"{namespace}/pods/web")["status"]["containerStatuses"][0])
            and item["restartCount"] == 1
            and item["ready"]
            and item
        )
    )

    assert status["lastState"]["terminated"]["exitCode"] == 7
    assert "serving" in stage.call("GET", f"{namespace}/pods/web/log?previous=true")


@pytest.mark.parametrize(("code", "outcome"), [(0, "Complete"), (3, "Failed")])
def test_runs_jobs_to_their_end(stage: NodeStage, code: int, outcome: str) -> None:
    """The pod of a Job ends with its process; the real Job controller sets the result."""
    namespace = stage.namespace("jobs")
    container = {
        "name": "job",
        "image": stage.images["one"],
        "args": ["-c", f"print('done'); raise SystemExit({code})"],
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    job = {"metadata": {"name": f"job-{code}"}, "spec": {"backoffLimit": 0, "template": template}}
    path = "/apis/batch/v1/namespaces/jobs/jobs"
    stage.create(path, job)

    eventually(lambda: condition(stage.call("GET", f"{path}/job-{code}"), outcome) == "True")

    (pod,) = stage.call("GET", f"{namespace}/pods?labelSelector=job-name%3Djob-{code}")["items"]
    assert pod["status"]["phase"] == ("Failed" if code else "Succeeded")
    ended = pod["status"]["containerStatuses"][0]["state"]["terminated"]
    assert (ended["exitCode"], ended.get("message")) == (code, "done\n" if code else None)


def test_runs_init_containers_first(stage: NodeStage) -> None:
    """The main container starts after their end, and sees their files."""
    namespace = stage.namespace("inits")
    spec = pod_spec(stage, volumeMounts=[{"name": "shared", "mountPath": "/etc/files"}])
    spec["volumes"] = [{"name": "shared", "emptyDir": {}}]
    spec["initContainers"] = [
        {
            "name": "prepare",
            "image": stage.images["one"],
            "args": ["-c", "import sys; open(sys.argv[1], 'w').write('prepared')", "/etc/files/note"],
            "volumeMounts": [{"name": "shared", "mountPath": "/etc/files"}],
        }
    ]
    stage.create(f"{namespace}/pods", {"metadata": {"name": "web"}, "spec": spec})

    pod = ready_pod(stage, f"{namespace}/pods/web")

    assert fetch(f"http://{address(pod)}:8080/file/note") == "prepared"
    assert condition(pod, "Initialized") == "True"


def test_restarts_a_container_that_fails_its_liveness_probe(stage: NodeStage) -> None:
    """An event has the reason."""
    namespace = stage.namespace("liveness")
    probe = {"exec": {"command": ["python", "-c", "raise SystemExit(1)"]}, "periodSeconds": 1, "failureThreshold": 1}
    spec = pod_spec(stage, livenessProbe={**probe, "timeoutSeconds": 5})
    stage.create(f"{namespace}/pods", {"metadata": {"name": "web"}, "spec": spec})

    eventually(
        lambda: (
            (items := stage.call("GET", f"{namespace}/pods/web")["status"].get("containerStatuses"))
            and items[0]["restartCount"] >= 1
        )
    )

    messages = [item["message"] for item in stage.call("GET", f"{namespace}/events")["items"]]
    assert any("failed liveness probe, will be restarted" in message for message in messages)


def test_recovers_from_a_killed_agent(stage: NodeStage) -> None:
    """Processes of pods end with it; the next agent restarts them and finishes deletions."""
    namespace = stage.namespace("recovers")
    for name in ("stays", "goes"):
        stage.create(f"{namespace}/pods", {"metadata": {"name": name}, "spec": pod_spec(stage)})
    before = ready_pod(stage, f"{namespace}/pods/stays")
    ready_pod(stage, f"{namespace}/pods/goes")

    stage.process.kill()
    stage.process.wait()
    stage.call("DELETE", f"{namespace}/pods/goes")
    eventually(lambda: fetch(f"http://{address(before)}:8080/") is None)
    stage.restart()
    eventually(lambda: stage.call("GET", f"{namespace}/pods/goes") is None)

    pod = eventually(
        lambda: (
            (item := stage.call("GET", f"{namespace}/pods/stays"))
            and item["status"]["containerStatuses"][0]["restartCount"] == 1
            and condition(item, "Ready") == "True"
            and item
        )
    )
    assert pod["status"]["podIP"] == before["status"]["podIP"]
    assert pod["metadata"]["uid"] == before["metadata"]["uid"]
    assert fetch(f"http://{address(pod)}:8080/") == "one"


def test_needs_little_memory(stage: NodeStage) -> None:
    """The agent's process with all these pods needs less than 80 MiB."""
    assert psutil.Process(stage.process.pid).memory_info().rss < 80 * 1024 * 1024


def test_the_next_agent_kills_left_over_processes_of_pods(stage: NodeStage) -> None:
    """A child of a pod's process survives the kill of the agent; the next agent kills it."""
    namespace = stage.namespace("strays")
    code = "import subprocess, time; print(subprocess.Popen(['sleep', '300']).pid, flush=True); time.sleep(300)"
    spec = pod_spec(stage, args=["-c", code], readinessProbe=None)
    stage.create(f"{namespace}/pods", {"metadata": {"name": "web"}, "spec": spec})
    ready_pod(stage, f"{namespace}/pods/web")
    stray = int(eventually(lambda: stage.call("GET", f"{namespace}/pods/web/log")))

    stage.restart()

    eventually(lambda: ended(stray))
