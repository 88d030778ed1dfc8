"""Serves all stand-ins without a local cloud, which is sufficient for a preview of any stack.

They run in a separate process, so that they can answer the engine while the program runs in the caller's process.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.cloud import ACCOUNT_ID
from localcloud.ports import reserved

if TYPE_CHECKING:
    from localcloud.protocol.servicer import Provider

REGION = "us-east-1"  # default until the program's provider configures a region
NAMES = ("aws", "docker-build", "kubernetes", "random")


@contextmanager
def serve_all(
    *, state_only: bool = False, account_id: str = ACCOUNT_ID, folder: Path | None = None
) -> Iterator[Mapping[str, int]]:
    """Start all stand-ins on free loopback ports and yield the ports by name; stop them at the end of the block.

    They also stop when this process ends. This function does not wait until they listen, because the engine does.

    Args:
        state_only: whether they record resources in an `up`, and check no requests in a preview.
        account_id: id of the account.
        folder: working directory, to which build contexts are relative; default: that of this process.
    """
    # Reserve the ports, so that no other process takes one before the stand-in listens on it.
    with reserved(NAMES) as ports:
        command = [
            sys.executable,
            "-m",
            "localcloud.providers.offline",
            json.dumps(ports),
            account_id,
            *(["state-only"] * state_only),
        ]
        # Use a separate session: a keyboard interrupt must reach the engine only, which then sends a cancel request.
        with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=folder, start_new_session=True) as process:
            try:
                yield ports
            finally:
                process.kill()  # they have no state to save


def main(ports: Mapping[str, int], account_id: str, *, state_only: bool) -> None:
    """Serve until the caller closes stdin or ends."""
    from localcloud.aws.specifications.models import share_files  # noqa: PLC0415 - the caller only starts them
    from localcloud.protocol.servicer import serve  # noqa: PLC0415

    share_files()
    providers = _recording(account_id) if state_only else _previewing(account_id)
    servers = [serve(provider, ports[provider.name], reserved=True) for provider in providers]
    sys.stdin.read()
    del servers  # a server without references stops


def _previewing(account_id: str) -> "Sequence[Provider]":
    from localcloud.aws.provider import AwsProvider  # noqa: PLC0415
    from localcloud.kubernetes.provider import KubernetesProvider  # noqa: PLC0415
    from localcloud.providers.docker_build import DockerBuildProvider  # noqa: PLC0415
    from localcloud.providers.random_ import RandomProvider  # noqa: PLC0415

    return (
        AwsProvider(account_id, REGION, None),
        DockerBuildProvider(None, None),
        KubernetesProvider(None),
        RandomProvider(),
    )


def _recording(account_id: str) -> "Sequence[Provider]":
    from localcloud.providers import state_only  # noqa: PLC0415

    return (
        state_only.StateOnlyAws(account_id, REGION, None),
        state_only.StateOnlyDockerBuild(),
        state_only.StateOnlyKubernetes(),
        state_only.StateOnlyRandom(),
    )


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2], state_only="state-only" in sys.argv[3:])
