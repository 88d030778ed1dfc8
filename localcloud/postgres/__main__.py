"""`python -m localcloud.postgres STATE`: the RDS endpoint of a local cloud."""

import asyncio
import signal
import sys
from pathlib import Path

from localcloud.cloud import SETTINGS_FILE
from localcloud.files import read_json
from localcloud.ports import PORTS_FILE
from localcloud.postgres.endpoint import LATENCY_FILE, Backend, serve, tls_context
from localcloud.postgres.sign_in import Iam


async def main(state: Path) -> None:
    """Serve the RDS endpoint until SIGTERM."""
    ports = read_json(state / PORTS_FILE)
    settings = read_json(state / SETTINGS_FILE)
    superuser = {name: settings[f"postgres_{name}"] for name in ("host", "port", "user", "password")}
    iam = Iam(superuser, f"http://127.0.0.1:{ports['aws']}")
    backend = Backend(port=ports["postgres"], latency=state / LATENCY_FILE, iam=iam)
    server = await serve(ports["rds"], backend, tls_context(state))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
