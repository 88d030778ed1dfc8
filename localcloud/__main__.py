"""`python -m localcloud STATE`: supervise the local cloud of a state folder until SIGTERM."""

import asyncio
import os
import sys
from contextlib import ExitStack
from pathlib import Path

from localcloud import blueprint, ownership, ports
from localcloud.cloud import PLANNED_FILE, SETTINGS_FILE
from localcloud.control import LEFT_SECONDS, REQUEST_FILE
from localcloud.errors import CloudError
from localcloud.files import read_json
from localcloud.supervisor import Supervisor, lock


def main(state: Path) -> int:
    """Run the supervisor until it is stopped; return 1 if the parts cannot be started, 3 if another one is running."""
    held = lock(state)
    if held is None:
        return 3
    with held:
        ownership.end_left_over(state, ownership.ended_or_mine, timeout=LEFT_SECONDS)
        known = read_json(state / SETTINGS_FILE) or {}
        pod_octet, claim = ports.claim_pod_network(known.get("pod_octet"))
        with claim, ExitStack() as claims:
            request = read_json(state / REQUEST_FILE)
            plan = blueprint.prepare(state, request, ports.choose(state, claims), pod_octet)
            plan.cloud.write(state, PLANNED_FILE)
            supervisor = Supervisor(state, plan.parts, lambda: plan.cloud.write(state), request["owner_pid"])
            return asyncio.run(supervisor.run())


def _forget_user() -> None:
    """Remove the user's AWS settings and proxies from the environment.

    No part may connect to a real account or fail because of a missing profile, and all connections of the parts are to
    this machine.
    """
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            del os.environ[name]


if __name__ == "__main__":
    _forget_user()
    try:
        sys.exit(main(Path(sys.argv[1])))
    except (CloudError, OSError) as error:
        sys.exit(f"error: {error}")
