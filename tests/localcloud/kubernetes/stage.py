"""Acts as the engine towards the stand-in, and as kubelet and users towards the API server."""

import json
import re
import secrets
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import yaml
from lightkube import Client, KubeConfig
from lightkube.resources.core_v1 import Namespace, Pod
from lightkube.types import PatchType

from localcloud.cloud import Cloud
from localcloud.kubernetes.provider import KubernetesProvider
from localcloud.protocol.servicer import Target
from localcloud.protocol.values import Properties

WAIT_SECONDS = 30
RUNNING: Properties = {
    "phase": "Running",
    "conditions": [{"type": "Ready", "status": "True"}, {"type": "ContainersReady", "status": "True"}],
    "containerStatuses": [
        {
            "name": "app",
            "image": "shop",
            "imageID": "shop",
            "ready": True,
            "started": True,
            "restartCount": 0,
            "state": {"running": {}},
        }
    ],
}


class Stage:
    """A namespace with the requests of engine, kubelet and users in it."""

    def __init__(self, provider: KubernetesProvider, cloud: Cloud, test: str) -> None:
        self.provider = provider
        self.user = Client(config=KubeConfig.from_file(cloud.kubeconfig).get(), field_manager="kubectl")
        words = re.sub("[^a-z0-9]+", "-", test.lower()).strip("-")
        self.namespace = f"{words[:50]}-{secrets.token_hex(3)}"
        self.user.create(Namespace.from_dict({"metadata": {"name": self.namespace}}))
        self.shown: list[str] = []

    def target(self, type_: str, name: str = "thing") -> Target:
        """Return a resource with the engine's URN and name."""
        urn = f"urn:pulumi:test::drydock::{type_}::{name}"
        return Target(urn=urn, type=type_, name=name, notify=self.shown.append)

    def inputs(self, type_: str, text: str) -> Properties:
        """Return the checked inputs from YAML, in this stage's namespace."""
        given = yaml.safe_load(text)
        given.setdefault("metadata", {}).setdefault("namespace", self.namespace)
        return self.provider.check(self.target(type_), {}, given)

    def create(self, type_: str, text: str) -> tuple[Properties, Properties]:
        """Return the inputs and the outputs of a new resource."""
        inputs = self.inputs(type_, text)
        return inputs, self.provider.create(self.target(type_), inputs, preview=False)[1]

    @contextmanager
    def pods_become(self, status: Callable[[dict[str, Any]], Properties | None]) -> Iterator[None]:
        """Act as a kubelet: set the status of each pod of the stage to `status(pod)` while the block runs."""
        stop = threading.Event()

        def play() -> None:
            done: set[str] = set()
            while not stop.wait(0.05):
                for pod in self.user.list(Pod, namespace=self.namespace):
                    wanted = status(pod.to_dict())
                    if wanted is None or pod.metadata.uid + str(wanted) in done:
                        continue
                    self.patch(Pod.Status, pod.metadata.name, {"status": wanted})
                    done.add(pod.metadata.uid + str(wanted))

        thread = threading.Thread(target=play)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def patch(self, resource: Any, name: str, patch: Properties) -> None:
        """Change an object outside of Pulumi."""
        self.user.patch(resource, name, patch, namespace=self.namespace, patch_type=PatchType.STRATEGIC)

    @staticmethod
    def eventually(holds: Callable[[], Any]) -> Any:
        """Return the first true result within 30 s."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not (answer := holds()):
            assert time.monotonic() < deadline, "it did not come to pass"
            time.sleep(0.05)
        return answer


def discovered(cloud: Cloud) -> dict[str, bool]:
    """Return kind -> whether it has a namespace, for each kind that can be created."""
    context = ssl.create_default_context(cadata=cloud.kube_ca_pem)

    def get(path: str) -> Any:
        headers = {"Authorization": f"Bearer {cloud.kube_token}"}
        request = urllib.request.Request(cloud.kube_server + path, headers=headers)
        with urllib.request.urlopen(request, context=context) as response:
            return json.load(response)

    versions = [f"/apis/{group['preferredVersion']['groupVersion']}" for group in get("/apis")["groups"]]
    return {
        resource["kind"]: resource["namespaced"]
        for path in ["/api/v1", *versions]
        for resource in get(path)["resources"]
        if "/" not in resource["name"] and "patch" in resource["verbs"] and "example.com" not in path
    }
