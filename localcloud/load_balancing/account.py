"""The internal endpoints of the local account that the load balancing data plane uses."""

from typing import Any

import aiohttp

from localcloud.load_balancing.model import Snapshot, Target

CALL_SECONDS = 10


class AccountPages:
    """A client of the local account that keeps its connection open.

    Args:
        endpoint: URL of the AWS API, http://127.0.0.1:PORT.
    """

    def __init__(self, endpoint: str) -> None:
        self._base = f"{endpoint}/drydock"
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CALL_SECONDS))

    async def snapshot(self) -> Snapshot:
        """Return the current load balancers and target groups."""
        async with self._session.get(f"{self._base}/load-balancers") as response:
            response.raise_for_status()
            return Snapshot.parse(await response.json())

    async def change_targets(self, arn: str, register: list[Target], deregister: list[Target]) -> str:
        """Register and deregister targets; return the error message of the account, or "" on success."""
        asked = {"arn": arn, "register": _targets(register), "deregister": _targets(deregister)}
        async with self._session.post(f"{self._base}/targets", json=asked) as response:
            response.raise_for_status()
            return str((await response.json())["error"])

    async def report(self, states: dict[str, list[dict[str, Any]]]) -> Snapshot:
        """Report the states of targets by target group ARN, and return the current load balancers and target groups."""
        async with self._session.post(f"{self._base}/target-health", json=states) as response:
            response.raise_for_status()
            return Snapshot.parse(await response.json())

    async def close(self) -> None:
        """Close the connection."""
        await self._session.close()


def _targets(targets: list[Target]) -> list[dict[str, Any]]:
    return [{"Id": address, "Port": port} for address, port in targets]
