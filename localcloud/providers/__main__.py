"""`python -m localcloud.providers STATE`: the stand-ins for kubernetes, random and docker-build."""

import signal
import sys
import threading
from pathlib import Path

from localcloud.cloud import PLANNED_FILE, Cloud
from localcloud.kubernetes import auto_mode, control_plane
from localcloud.kubernetes.client import KubernetesClient
from localcloud.kubernetes.provider import KubernetesProvider
from localcloud.protocol.servicer import serve
from localcloud.providers.docker_build import DockerBuildProvider
from localcloud.providers.random_ import RandomProvider


def main(state: Path) -> None:
    """Serve the stand-ins until SIGTERM."""
    cloud = Cloud.read(state, PLANNED_FILE)
    if cloud is None:
        sys.exit(f"error: {state / PLANNED_FILE} is missing; the supervisor writes it before it starts this part")
    control_plane.wait_for_apiserver(state / "kubernetes", cloud.kube_server, cloud.kube_token)
    auto_mode.install(KubernetesClient(cloud.kubeconfig, auto_mode.FIELD_MANAGER))
    # The port of kubernetes, which the supervisor checks, opens last, when everything else is ready.
    providers = (RandomProvider(), DockerBuildProvider(state, cloud), KubernetesProvider(cloud))
    servers = [serve(provider, cloud.providers[provider.name])[0] for provider in providers]
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    stop.wait()
    for provider in providers:
        provider.cancel()
    for server in servers:
        server.stop(grace=None)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
