"""All stand-ins with nothing behind them: enough for a preview against any state.

They run in a process of their own, so that they answer the engine while the program in the caller's process works.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from localcloud.errors import CloudError

ACCOUNT_ID = "123456789012"  # nobody's: the one that AWS uses in its documentation
REGION = "us-east-1"  # until the program's own provider configures another


@contextmanager
def serve_all() -> Iterator[Callable[[], Mapping[str, int]]]:
    """Start every stand-in on a free loopback port; gives a function that waits for them and returns the ports by name.

    They end with the context, or with this process.
    """
    command = [sys.executable, "-m", "localcloud.providers.offline"]
    # In a session of its own: an interrupt at the keyboard is for the engine, which then still asks them to cancel.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield lambda: _ports(process)
        finally:
            process.kill()  # they hold nothing


def _ports(process: subprocess.Popen[str]) -> Mapping[str, int]:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    line = process.stdout.readline()
    if not line:
        raise CloudError("the provider stand-ins ended before they were ready; what they wrote is above")
    ports: dict[str, int] = json.loads(line)
    return ports


def main() -> None:
    """Print the ports as one JSON object, and serve until the caller is gone."""
    from localcloud.aws.provider import AwsProvider  # noqa: PLC0415 - the caller only starts them
    from localcloud.kubernetes.provider import KubernetesProvider  # noqa: PLC0415
    from localcloud.providers.docker_build import DockerBuildProvider  # noqa: PLC0415
    from localcloud.providers.random_ import RandomProvider  # noqa: PLC0415
    from localcloud.providers.servicer import serve  # noqa: PLC0415

    providers = (
        AwsProvider(ACCOUNT_ID, REGION, None),
        KubernetesProvider(None),
        RandomProvider(),
        DockerBuildProvider(None, None),
    )
    servers = {provider.name: serve(provider) for provider in providers}
    print(json.dumps({name: port for name, (_, port) in servers.items()}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
