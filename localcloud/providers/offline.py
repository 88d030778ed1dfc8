"""All stand-ins with nothing behind them: enough for a preview against any state.

They run in a process of their own, so that they answer the engine while the program in the caller's process works.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from localcloud.cloud import ACCOUNT_ID
from localcloud.ports import reserved

REGION = "us-east-1"  # until the program's own provider configures another
NAMES = ("aws", "docker-build", "kubernetes", "random")


@contextmanager
def serve_all() -> Iterator[Mapping[str, int]]:
    """Start every stand-in on a free loopback port; the ports by name. They end with the context, or with this process.

    An engine that attaches waits until they listen, so the caller does not.
    """
    # Nobody else gets a port in the second until the stand-in listens on it.
    with reserved(NAMES) as ports:
        command = [sys.executable, "-m", "localcloud.providers.offline", json.dumps(ports)]
        # In a session of its own: an interrupt at the keyboard is for the engine, which still asks them to cancel.
        with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as process:
            try:
                yield ports
            finally:
                process.kill()  # they hold nothing


def main(ports: Mapping[str, int]) -> None:
    """Serve until the caller is gone."""
    from localcloud.aws.provider import AwsProvider  # noqa: PLC0415 - the caller only starts them
    from localcloud.kubernetes.provider import KubernetesProvider  # noqa: PLC0415
    from localcloud.protocol.servicer import serve  # noqa: PLC0415
    from localcloud.providers.docker_build import DockerBuildProvider  # noqa: PLC0415
    from localcloud.providers.random_ import RandomProvider  # noqa: PLC0415

    providers = (
        AwsProvider(ACCOUNT_ID, REGION, None),
        DockerBuildProvider(None, None),
        KubernetesProvider(None),
        RandomProvider(),
    )
    servers = [serve(provider, ports[provider.name], reserved=True) for provider in providers]
    sys.stdin.read()
    del servers  # a server that nothing refers to stops


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
