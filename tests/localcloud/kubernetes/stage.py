"""Plays the engine towards the stand-in, and kubelet and users towards the API server."""

import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import yaml
from lightkube import Client, KubeConfig
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import Namespace, Pod, Service
from lightkube.types import PatchType

from localcloud.cloud import Cloud
from localcloud.kubernetes.provider import KubernetesProvider
from localcloud.providers.servicer import Target
from localcloud.providers.values import Properties

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
    """A namespace, and what happens in it."""

    def __init__(self, provider: KubernetesProvider, cloud: Cloud, test: str) -> None:
        self.provider = provider
        self.user = Client(config=KubeConfig.from_file(cloud.kubeconfig).get(), field_manager="kubectl")
        words = re.sub("[^a-z0-9]+", "-", test.lower()).strip("-")
        self.namespace = f"{words[:50]}-{secrets.token_hex(3)}"
        self.user.create(Namespace.from_dict({"metadata": {"name": self.namespace}}))
        self.shown: list[str] = []

    def target(self, type_: str, name: str = "thing") -> Target:
        """A resource as the engine names it."""
        urn = f"urn:pulumi:test::drydock::{type_}::{name}"
        return Target(urn=urn, type=type_, name=name, notify=self.shown.append)

    def inputs(self, type_: str, text: str) -> Properties:
        """Checked inputs from YAML, in this stage's namespace."""
        given = yaml.safe_load(text)
        given.setdefault("metadata", {}).setdefault("namespace", self.namespace)
        return self.provider.check(self.target(type_), {}, given)

    def create(self, type_: str, text: str) -> tuple[Properties, Properties]:
        """The inputs and the outputs of a new resource."""
        inputs = self.inputs(type_, text)
        return inputs, self.provider.create(self.target(type_), inputs, preview=False)[1]

    @contextmanager
    def pods_become(self, status: Callable[[dict[str, Any]], Properties | None]) -> Iterator[None]:
        """A kubelet: sets the status of each pod of the stage to what `status(pod)` says, while the block lasts."""
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
        """What somebody else does to an object."""
        self.user.patch(resource, name, patch, namespace=self.namespace, patch_type=PatchType.STRATEGIC)

    @staticmethod
    def eventually(holds: Callable[[], Any]) -> Any:
        """The first true answer, within half a minute."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not (answer := holds()):
            assert time.monotonic() < deadline, "it did not come to pass"
            time.sleep(0.05)
        return answer


__all__ = ["RUNNING", "Deployment", "Namespace", "Pod", "Service", "Stage"]
