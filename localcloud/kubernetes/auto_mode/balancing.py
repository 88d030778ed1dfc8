"""Load balancing of EKS Auto Mode: TargetGroupBindings, readiness gates, and the load balancers themselves."""

import asyncio
import logging

from localcloud.certificates import AUTHORITY_FOLDER, Authority
from localcloud.cluster.api import UNREACHABLE, ApiClient, ApiError
from localcloud.cluster.settings import NodeSettings
from localcloud.kubernetes.auto_mode.readiness_gates import ReadinessGates
from localcloud.kubernetes.auto_mode.target_group_bindings import TargetGroupBindings
from localcloud.load_balancing.account import AccountPages
from localcloud.load_balancing.balancers import LoadBalancers

log = logging.getLogger(__name__)

RETRY_SECONDS = 0.5


class Balancing:
    """Runs the load balancers, the TargetGroupBinding controller and the readiness gate webhook."""

    def __init__(self, settings: NodeSettings, api: ApiClient) -> None:
        self._account = AccountPages(settings.aws_endpoint)
        authority = Authority.ensure(settings.state / AUTHORITY_FOLDER)
        self._balancers = LoadBalancers(self._account, settings.gateway_address, authority)
        self._bindings = TargetGroupBindings(api, self._account, self._balancers)
        self._balancers.changed = self._bindings.changed
        folder = settings.state / "kubernetes"
        self._gates = ReadinessGates(api, settings.webhook_port, folder, settings.kube_ca_pem)

    async def start(self) -> None:
        """Start listening on the port of the webhook."""
        await self._gates.start()

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._register())
            group.create_task(self._balancers.run())
            group.create_task(self._bindings.run())

    async def stop(self) -> None:
        """Stop the webhook and close the connections to the account."""
        await self._gates.stop()
        await self._account.close()

    async def _register(self) -> None:
        while True:
            try:
                await self._gates.register()
            except (ApiError, *UNREACHABLE) as error:
                log.info("the webhook is not registered yet: %r", error)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return
