"""Waiting for rollouts, jobs and load balancers. Real: API server and controllers. The test acts as the kubelet."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from lightkube import ApiError
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import Event, Namespace, Node, Pod, Service

from localcloud.cloud import Cloud
from localcloud.kubernetes.unready import unready
from localcloud.protocol.servicer import IncompleteError, ProviderError
from localcloud.protocol.values import Properties
from tests.localcloud.kubernetes.stage import RUNNING, Stage

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
JOB = "kubernetes:batch/v1:Job"
SERVICE = "kubernetes:core/v1:Service"
NAMESPACE = "kubernetes:core/v1:Namespace"

SHOP = """
metadata: {name: shop}
spec:
  replicas: 2
  progressDeadlineSeconds: DEADLINE
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: app, image: IMAGE}]}
"""
MIGRATION = """
metadata: {name: migrate}
spec:
  backoffLimit: 0
  template:
    spec: {restartPolicy: Never, NODE containers: [{name: app, image: shop}]}
"""
BALANCER = "{metadata: {name: shop}, spec: {type: LoadBalancer, ports: [{port: 80}], selector: {app: shop}}}"


def shop(image: str = "shop:1", deadline: int = 60) -> str:
    return SHOP.replace("IMAGE", image).replace("DEADLINE", str(deadline))


def migration(node: str = "") -> str:
    return MIGRATION.replace("NODE", f"nodeName: {node}, tolerations: [{{operator: Exists}}]," if node else "")


def container(state: Properties, **more: Any) -> Properties:
    """Return a pod status in which the container `app` is not ready."""
    base = {"name": "app", "image": "shop", "imageID": "", "ready": False, "restartCount": 0, "state": state}
    return {"phase": "Pending", "containerStatuses": [{**base, **more}]}


@pytest.fixture
def node(stage: Stage, cloud: Cloud) -> Iterator[str]:
    """A node that has only the kubelet's endpoint for logs."""

    class Logs(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"connecting to the database\nno such host: db\n")

        def log_message(self, *_: Any) -> None:
            pass

    folder = Path(cloud.kubeconfig).parent
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "ca.crt"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(folder / "kubelet.crt", folder / "kubelet.key")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Logs)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever).start()
    name = f"node-{stage.namespace[-6:]}"
    stage.user.create(Node.from_dict({"metadata": {"name": name}}))
    status = {
        "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": server.server_port}},
    }
    stage.user.patch(Node.Status, name, {"status": status})
    yield name
    stage.user.delete(Node, name)
    server.shutdown()
    server.server_close()


def test_a_deployment_is_awaited_until_its_pods_are_available(stage: Stage) -> None:
    """Progress messages are shown, and the outputs have the final status."""
    with stage.pods_become(lambda _pod: RUNNING if "0 of 2 pods ready" in stage.shown else None):
        _, outputs = stage.create(DEPLOYMENT, shop())

    assert outputs["status"]["availableReplicas"] == 2
    assert any(text.startswith("2 of 2 pods ready") for text in stage.shown)


def test_a_rollout_ends_when_the_old_pods_are_gone(stage: Stage) -> None:
    """It is not complete when the new pods are ready."""
    with stage.pods_become(lambda _pod: RUNNING):
        inputs, outputs = stage.create(DEPLOYMENT, shop("shop:1"))
        wanted = stage.inputs(DEPLOYMENT, shop("shop:2"))
        outputs = stage.provider.update(stage.target(DEPLOYMENT), "", inputs, outputs, wanted, preview=False)

    assert outputs["status"]["replicas"] == outputs["status"]["updatedReplicas"] == 2
    assert any("old to go" in message for message in stage.shown)


def test_a_rollout_that_does_not_get_ready_fails_with_the_reason(stage: Stage) -> None:
    """The message has the deadline, the pod, its state and the kubelet's last warning. The old pods keep serving."""

    def play(pod: dict[str, Any]) -> Properties:
        if pod["spec"]["containers"][0]["image"] == "shop:1":
            return RUNNING
        event = {
            "metadata": {"name": f"{pod['metadata']['name']}.1", "namespace": stage.namespace},
            "involvedObject": {"kind": "Pod", "name": pod["metadata"]["name"], "namespace": stage.namespace},
            "type": "Warning",
            "reason": "Unhealthy",
            "message": "Readiness probe failed: HTTP 503",
            "lastTimestamp": "2100-01-01T00:00:00Z",
        }
        stage.user.apply(Event.from_dict(event), force=True)
        return {**container({"running": {}}, started=True), "phase": "Running"}

    with stage.pods_become(play):
        inputs, outputs = stage.create(DEPLOYMENT, shop("shop:1", deadline=5))
        wanted = stage.inputs(DEPLOYMENT, shop("shop:2", deadline=5))
        with pytest.raises(IncompleteError) as failure:
            stage.provider.update(stage.target(DEPLOYMENT), "", inputs, outputs, wanted, preview=False)

    message = str(failure.value)
    assert message.startswith(f"Deployment {stage.namespace}/shop did not become ready: ProgressDeadlineExceeded")
    assert "pod shop-" in message
    assert "container app runs, and its readiness probe fails" in message
    assert "last warning: Unhealthy: Readiness probe failed: HTTP 503" in message
    assert failure.value.id == f"{stage.namespace}/shop"
    assert failure.value.outputs["status"]["availableReplicas"] == 2


def test_a_rollout_fails_immediately_on_permanent_errors(stage: Stage) -> None:
    """A missing image fails it long before the deadline."""
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "shop:1 not found"}}

    with (
        stage.pods_become(lambda _pod: container(waiting)),
        pytest.raises(IncompleteError, match=r"(?s)its pods cannot start.*container app: ImagePullBackOff; shop:1 not"),
    ):
        stage.create(DEPLOYMENT, shop(deadline=600))


def test_a_job_is_awaited_until_it_is_complete(stage: Stage) -> None:
    """A migration ends before resources that depend on it are created."""
    with stage.pods_become(lambda _pod: {"phase": "Succeeded"}):
        _, outputs = stage.create(JOB, migration())

    assert outputs["status"]["succeeded"] == 1


def test_a_failed_job_has_exit_code_and_last_log_lines(stage: Stage, node: str) -> None:
    """The log comes from the kubelet through the API server, with mutual TLS."""
    ended = {**container({"terminated": {"exitCode": 3, "reason": "Error"}}), "phase": "Failed"}

    with stage.pods_become(lambda _pod: ended), pytest.raises(IncompleteError) as failure:
        stage.create(JOB, migration(node))

    message = str(failure.value)
    assert message.startswith(f"Job {stage.namespace}/migrate did not become ready: BackoffLimitExceeded")
    assert "container app ended with exit code 3 (Error)" in message
    assert message.endswith("last log lines of container app:\n    connecting to the database\n    no such host: db")


def test_reports_what_is_not_ready_after_a_deployment_has_failed(stage: Stage, cloud: Cloud, node: str) -> None:
    """The reports of a Deployment and a Job that are not ready have pod, reason and log; others have no report."""
    ended = {**container({"terminated": {"exitCode": 3, "reason": "Error"}}), "phase": "Failed"}
    bound = shop().replace("spec: {containers", f"spec: {{nodeName: {node}, containers")
    whole = bound.replace("shop}", "whole}").replace("name: app,", "name: whole,").replace("replicas: 2", "replicas: 0")

    with stage.pods_become(lambda _pod: ended):
        with pytest.raises(IncompleteError):
            stage.create(JOB, migration(node))
        for kind, text in ((DEPLOYMENT, bound), (DEPLOYMENT, whole)):
            stage.user.create(Deployment.from_dict({**stage.inputs(kind, text), "kind": "Deployment"}))
        stage.eventually(lambda: sum(stage.namespace in text and "exit code 3" in text for text in unready(cloud)) == 2)

    deployment, job = (text for text in unready(cloud) if stage.namespace in text)
    assert deployment.startswith(f"Deployment {stage.namespace}/shop is not ready: ")
    assert job.startswith(f"Job {stage.namespace}/migrate is not ready: BackoffLimitExceeded")
    for text in (deployment, job):
        assert "container app ended with exit code 3 (Error)" in text
        assert text.endswith("last log lines of container app:\n    connecting to the database\n    no such host: db")


def test_a_failed_job_is_replaced_with_the_annotation(stage: Stage) -> None:
    """With pulumi.com/replaceUnready, the next deployment runs a failed migration again under the same name."""
    text = migration().replace("name: migrate", 'name: migrate, annotations: {pulumi.com/replaceUnready: "true"}')
    inputs = stage.inputs(JOB, text)
    ended = {**container({"terminated": {"exitCode": 3, "reason": "Error"}}), "phase": "Failed"}
    with stage.pods_become(lambda _pod: ended), pytest.raises(IncompleteError) as failure:
        stage.provider.create(stage.target(JOB), inputs, preview=False)

    change = stage.provider.diff(stage.target(JOB), "", inputs, failure.value.outputs, inputs)

    assert change.changed == []
    assert change.replaces == ['.metadata.annotations["pulumi.com/replaceUnready"]']
    assert change.delete_before_replace


def test_a_load_balancer_is_awaited_until_it_has_an_address(stage: Stage) -> None:
    """The outputs have its address, for the URL that the stack exports."""

    def balance() -> None:
        status = {"loadBalancer": {"ingress": [{"ip": "127.0.0.1", "hostname": "localhost"}]}}
        stage.eventually(lambda: "waiting for the load balancer's address" in stage.shown)
        stage.patch(Service.Status, "shop", {"status": status})

    controller = threading.Thread(target=balance)
    controller.start()
    _, outputs = stage.create(SERVICE, BALANCER)
    controller.join()

    assert outputs["status"]["loadBalancer"]["ingress"][0]["hostname"] == "localhost"


def test_the_timeout_can_be_set_by_an_annotation(stage: Stage) -> None:
    """The annotation is pulumi.com/timeoutSeconds; after a timeout the error has the created object."""
    text = BALANCER.replace("name: shop", 'name: shop, annotations: {pulumi.com/timeoutSeconds: "1"}')

    with pytest.raises(IncompleteError, match="not ready after 1 s: waiting for the load balancer") as failure:
        stage.create(SERVICE, text)

    assert failure.value.id == f"{stage.namespace}/shop"
    assert failure.value.outputs["spec"]["clusterIP"].startswith("10.96.")


def test_rejects_a_timeout_that_is_not_a_number(stage: Stage) -> None:
    """Check rejects it, before anything is created, and names the annotation."""
    text = BALANCER.replace("name: shop", "name: shop, annotations: {pulumi.com/timeoutSeconds: soon}")

    with pytest.raises(ProviderError, match="timeoutSeconds must be a whole number of seconds, got 'soon'"):
        stage.inputs(SERVICE, text)


def test_an_await_can_be_skipped(stage: Stage) -> None:
    """With pulumi.com/skipAwait, creation ends as soon as the object exists."""
    text = BALANCER.replace("name: shop", 'name: shop, annotations: {pulumi.com/skipAwait: "true"}')

    assert stage.create(SERVICE, text)[1]["status"] == {"loadBalancer": {}}


def _refuses_pods(stage: Stage) -> bool:
    """Return whether the API server would refuse a pod like those of `shop`."""
    spec = {"containers": [{"name": "app", "image": "shop:1"}]}
    pod = Pod.from_dict({"metadata": {"name": "trial", "namespace": stage.namespace}, "spec": spec})
    try:
        stage.user.create(pod, dry_run=True)
    except ApiError as error:
        return "violates PodSecurity" in str(error)
    return False


def test_an_update_whose_pods_would_be_refused_fails_with_the_reason(stage: Stage) -> None:
    """The namespace's level was raised after the first deployment; the Deployment is not changed."""
    refused = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    text = shop().replace("name: shop}", "name: shop}", 1)
    inputs = stage.inputs(DEPLOYMENT, text)
    with stage.pods_become(lambda _pod: RUNNING):
        outputs = stage.provider.create(stage.target(DEPLOYMENT), inputs, preview=False)[1]
    stage.patch(Namespace, stage.namespace, refused)
    stage.eventually(lambda: _refuses_pods(stage))  # admission reads namespaces from a cache
    wanted = stage.inputs(DEPLOYMENT, shop("shop:2"))

    with pytest.raises(ProviderError, match=r"its pods would be refused: .*violates PodSecurity"):
        stage.provider.update(stage.target(DEPLOYMENT), "", inputs, outputs, wanted, preview=False)

    live = stage.user.get(Deployment, "shop", namespace=stage.namespace)
    assert live.spec.template.spec.containers[0].image == "shop:1"


def test_a_blocked_deletion_names_the_finalizer(stage: Stage) -> None:
    """It fails after the timeout of the annotation."""
    text = """{metadata: {name: shop, finalizers: [test.io/hold], annotations: {pulumi.com/skipAwait: "false",
      pulumi.com/timeoutSeconds: "1"}}, spec: {ports: [{port: 80}]}}"""
    inputs, outputs = stage.create(SERVICE, text)

    with pytest.raises(ProviderError, match=r"still exists after 1 s: .*finalizer test.io/hold"):
        stage.provider.delete(stage.target(SERVICE), "", inputs, outputs)


def test_the_engine_can_cancel_an_await(stage: Stage) -> None:
    """Ctrl-C ends the wait immediately, and the error has the created object."""

    def cancel() -> None:
        stage.eventually(lambda: stage.shown)
        stage.provider.cancel()

    user = threading.Thread(target=cancel)
    user.start()
    with pytest.raises(IncompleteError, match="cancelled during the wait") as failure:
        stage.create(SERVICE, BALANCER)
    user.join()

    assert failure.value.id == f"{stage.namespace}/shop"
