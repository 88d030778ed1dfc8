"""End, logs and readiness gates of a pod. Real: the control plane and the processes."""

import subprocess
from datetime import datetime

import psutil
import pytest

from infra.toolchain import ensure
from tests.localcloud.node.test_agent import condition, pod_spec, ready_pod
from tests.support.node import NodeStage, eventually
from tests.support.processes import ended

DAEMON = """
import os, signal, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print(os.getpid(), flush=True)
        time.sleep(300)
    os._exit(0)
time.sleep(300)
"""


def printed(stage: NodeStage, path: str) -> str:
    """Return a pod's log, or an empty text while the node agent restarts."""
    try:
        return stage.call("GET", f"{path}/log") or ""
    except AssertionError:
        return ""


@pytest.mark.parametrize("end", ["delete", "deadline", "agent"])
def test_a_daemon_of_a_pod_ends_with_it(stage: NodeStage, end: str) -> None:
    """After deletion, deadline or a killed agent the daemon is ended too, although it left its session."""
    namespace = stage.namespace("daemons")
    spec = pod_spec(stage, args=["-c", DAEMON], readinessProbe=None)
    spec["terminationGracePeriodSeconds"] = 1
    path = f"{namespace}/pods/{end}"
    stage.create(f"{namespace}/pods", {"metadata": {"name": end}, "spec": spec})
    daemon = psutil.Process(int(eventually(lambda: printed(stage, path))))

    if end == "delete":
        stage.call("DELETE", path)
    elif end == "deadline":
        patch = {"spec": {"activeDeadlineSeconds": 1}}
        stage.call("PATCH", path, patch, "application/merge-patch+json")
        status = eventually(
            lambda: (found := stage.call("GET", path)["status"]) and found["phase"] == "Failed" and found
        )
        assert status["reason"] == "DeadlineExceeded"
        assert "terminated" in status["containerStatuses"][0]["state"]
    else:
        stage.restart()

    eventually(lambda: ended(daemon))
    stage.call("DELETE", path)


def test_log_lines_have_times(stage: NodeStage) -> None:
    """Each line has its own time, and `sinceTime` and `sinceSeconds` select by it."""
    namespace = stage.namespace("times")
    code = "import time; print('early', flush=True); time.sleep(3); print('late', flush=True); time.sleep(300)"
    stage.create(
        f"{namespace}/pods",
        {"metadata": {"name": "web"}, "spec": pod_spec(stage, args=["-c", code], readinessProbe=None)},
    )
    eventually(lambda: "late" in printed(stage, f"{namespace}/pods/web"))
    path = f"{namespace}/pods/web/log"

    early, late = (line.split(" ") for line in stage.call("GET", f"{path}?timestamps=true").splitlines())
    assert (early[1], late[1]) == ("early", "late")
    apart = (datetime.fromisoformat(late[0]) - datetime.fromisoformat(early[0])).total_seconds()
    assert 1.5 < apart < 5
    assert stage.call("GET", f"{path}?sinceTime={late[0]}") == "late\n"
    assert stage.call("GET", f"{path}?sinceSeconds=100&limitBytes=3") == "ear"


def test_a_pod_waits_for_its_readiness_gates(stage: NodeStage) -> None:
    """The pod is not ready until the condition of the gate is set, although its containers are."""
    namespace = stage.namespace("gates")
    spec = pod_spec(stage)
    spec["readinessGates"] = [{"conditionType": "drydock.test/attached"}]
    path = f"{namespace}/pods/web"
    stage.create(f"{namespace}/pods", {"metadata": {"name": "web"}, "spec": spec})
    eventually(lambda: condition(stage.call("GET", path), "ContainersReady") == "True")
    assert condition(stage.call("GET", path), "Ready") == "False"

    attached = {"status": {"conditions": [{"type": "drydock.test/attached", "status": "True"}]}}
    stage.call("PATCH", f"{path}/status", attached, "application/strategic-merge-patch+json")
    eventually(lambda: condition(stage.call("GET", path), "Ready") == "True")


def test_reports_unsupported_commands_of_kubectl(stage: NodeStage) -> None:
    """The message is a clear text, not a protocol error."""
    namespace = stage.namespace("exec")
    stage.create(f"{namespace}/pods", {"metadata": {"name": "web"}, "spec": pod_spec(stage)})
    ready_pod(stage, f"{namespace}/pods/web")
    done = subprocess.run(
        [
            str(ensure({"kubectl"}).found["kubectl"].path),
            f"--kubeconfig={stage.state}/kubernetes/kubeconfig",
            "-n",
            "exec",
            "exec",
            "web",
            "--",
            "true",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "exec is not supported by the local cloud" in done.stderr
