"""An AWS account without a Kubernetes cluster and a database, for programs that need neither.

It runs in a separate process, like the account of a local cloud, and keeps nothing after it has ended.
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
class ServedAccount:
    """A running account."""

    aws_endpoint: str
    """URL of the AWS API, http://127.0.0.1:PORT."""
    providers: dict[str, int]
    """Name of the provider -> loopback gRPC port of its stand-in."""


@contextmanager
def serve_account(state: Path, region: str) -> Iterator[ServedAccount]:
    """Start an empty account, which ends with the context or with this process.

    Args:
        state: folder for the journal and the log.
        region: AWS region of the account.

    Raises:
        CloudError: the account does not start. The message contains its log.
    """
    make_private(state / "logs")
    with reserved((PROVIDER,)) as ports, open_log(state / LOG) as log:
        command = [sys.executable, "-m", "localcloud.aws.account_process", str(state), region, str(ports[PROVIDER])]
        # In a separate session, so that Ctrl+C only reaches the engine, which still sends a cancellation.
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
        ) as process:
            try:
                yield ServedAccount(aws_endpoint=_endpoint(process, state / LOG), providers=ports)
            finally:
                process.kill()


def _endpoint(process: subprocess.Popen[str], log: Path) -> str:
    """Wait until the API listens, and return its endpoint, which is the first line of the output."""
    if process.stdout and (line := process.stdout.readline().strip()):
        return line
    raise CloudError(f"the local AWS account did not start: {log.read_text(errors='replace').strip()}")


def main(state: Path, region: str, port: int) -> None:
    """Serve until the calling process ends."""
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
    del server  # a gRPC server without references stops


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
