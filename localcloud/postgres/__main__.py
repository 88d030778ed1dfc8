"""`python -m localcloud.postgres STATE`: the RDS endpoint of a local cloud."""

import asyncio
import signal
import ssl
import sys
from pathlib import Path

from localcloud.certificates import self_signed
from localcloud.files import read_json, write_private
from localcloud.ports import PORTS_FILE
from localcloud.postgres.endpoint import serve


async def main(state: Path) -> None:
    """Serve until SIGTERM."""
    ports = read_json(state / PORTS_FILE)
    server = await serve(ports["rds"], ports["postgres"], _context(state))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    server.close()


def _context(state: Path) -> ssl.SSLContext:
    certificate, key = state / "rds.crt", state / "rds.key"
    if not certificate.exists():
        certificate_pem, key_pem = self_signed("localhost")
        write_private(key, key_pem)
        write_private(certificate, certificate_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
