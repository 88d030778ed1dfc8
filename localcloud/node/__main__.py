"""`python -m localcloud.node STATE`: the node agent and the load balancers, in one process."""

import asyncio
import logging
import signal
import sys
from pathlib import Path

import uvloop

from localcloud import locks, ownership
from localcloud.cluster.api import ApiClient
from localcloud.cluster.settings import NodeSettings
from localcloud.errors import CloudError
from localcloud.gateway.gateway import Gateway
from localcloud.kubernetes.auto_mode.balancing import Balancing
from localcloud.kubernetes.control_plane import wait_for_apiserver
from localcloud.node.agent import NodeAgent
from localcloud.node.host import NODE_LOCK
from localcloud.node.kubelet import Kubelet
from localcloud.node.process import adopt_orphans

LEFT_SECONDS = 2


async def run(settings: NodeSettings) -> None:
    """Run the node agent, the gateway and the load balancers until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    kubelet = Kubelet(settings.state, settings.kubelet_port)
    async with ApiClient(settings.kube_server, settings.kube_token, settings.kube_ca_pem) as api:
        await kubelet.start()
        balancing = Balancing(settings, api)
        await balancing.start()
        works = (NodeAgent(settings, api), Gateway(settings, api), balancing)
        parts = [asyncio.create_task(part.run()) for part in works]
        stopped = asyncio.ensure_future(_wait(stop))
        done, _ = await asyncio.wait({stopped, *parts}, return_when=asyncio.FIRST_COMPLETED)
        for task in parts:
            task.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
        await balancing.stop()
        await kubelet.stop()
        for task in done - {stopped}:
            task.result()  # a task that ended before the stop signal has failed


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


def main() -> int:
    """Run the process on the state folder given on the command line, and return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = NodeSettings.read(Path(sys.argv[1]).resolve())
        held = locks.take(settings.state / NODE_LOCK)
        if held is None:
            raise CloudError(
                f"another node agent (pid {locks.holder(settings.state / NODE_LOCK)}) is running; stop it first"
            )
        with held:
            # If an earlier agent was killed, its shims kill their own processes.
            killed = ownership.end_left_over(settings.state, ownership.ended_or_mine, timeout=LEFT_SECONDS)
            if killed:
                logging.warning("killed processes %s, left by pods of an earlier run", killed)
            adopt_orphans()
            wait_for_apiserver(settings.state / "kubernetes", settings.kube_server, settings.kube_token)
            uvloop.run(run(settings))
    except CloudError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
