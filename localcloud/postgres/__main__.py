"""`python -m localcloud.postgres STATE`: the RDS endpoint of a local cloud."""

import asyncio
import signal
import sys
from pathlib import Path

from localcloud.files import read_json
from localcloud.ports import PORTS_FILE
from localcloud.postgres.endpoint import LATENCY_FILE, serve, tls_context


async def main(state: Path) -> None:
    """Serve until SIGTERM."""
    ports = read_json(state / PORTS_FILE)
    server = await serve(ports["rds"], ports["postgres"], tls_context(state), state / LATENCY_FILE)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
