"""An AWS account without a cluster or a database behind it: for programs that need neither.

It runs in a process of its own, as a local cloud's does, and holds nothing once it has ended.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from localcloud.cloud import ACCOUNT_ID
from localcloud.errors import CloudError
from localcloud.files import make_private, open_log
from localcloud.ports import reserved

PROVIDER = "aws"
LOG = "logs/aws.log"


@dataclass(frozen=True, kw_only=True)
class Alone:
    """A running account."""

    aws_endpoint: str
    """http://127.0.0.1:PORT, the AWS wire API."""
    providers: dict[str, int]
    """Loopback gRPC port of the aws stand-in."""


@contextmanager
def serve_alone(state: Path, region: str) -> Iterator[Alone]:
    """Start an empty account; it ends with the context, or with this process.

    Args:
        state: a folder for its journal and its log.
        region: the AWS region that it plays.

    Raises:
        CloudError: it does not start; the message has its log.
    """
    make_private(state / "logs")
    with reserved((PROVIDER,)) as ports, open_log(state / LOG) as log:
        command = [sys.executable, "-m", "localcloud.aws.alone", str(state), region, str(ports[PROVIDER])]
        # In a session of its own: an interrupt at the keyboard is for the engine, which still asks it to cancel.
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
        ) as process:
            try:
                yield Alone(aws_endpoint=_endpoint(process, state / LOG), providers=ports)
            finally:
                process.kill()


def _endpoint(process: subprocess.Popen[str], log: Path) -> str:
    """Read the first line, which is the endpoint, once the API listens."""
    if process.stdout and (line := process.stdout.readline().strip()):
        return line
    raise CloudError(f"the local AWS account did not start: {log.read_text(errors='replace').strip()}")


def main(state: Path, region: str, port: int) -> None:
    """Serve until the caller is gone."""
    from localcloud.aws.provider import AwsProvider  # noqa: PLC0415 - the caller only starts it
    from localcloud.aws.server import AwsServer  # noqa: PLC0415
    from localcloud.protocol.servicer import serve  # noqa: PLC0415

    nothing = "127.0.0.1", 0
    aws = AwsServer(state, 0, account_id=ACCOUNT_ID, region=region, kube=("", ""), database_endpoint=nothing)
    aws.start()
    server, _ = serve(
        AwsProvider(ACCOUNT_ID, region, aws.endpoint, aws.journal, application=aws.answer), port, reserved=True
    )
    print(aws.endpoint, flush=True)
    sys.stdin.read()
    del server  # a server that nothing refers to stops


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
