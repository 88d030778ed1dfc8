"""Which containers are reported as restarted."""

from typing import Any

from localcloud.kubernetes.restarts import described


def pod(name: str, *containers: dict[str, Any]) -> dict[str, Any]:
    """Return a pod with these container statuses; without any it has not started yet."""
    status = {"containerStatuses": list(containers)} if containers else {}
    return {"metadata": {"namespace": "app", "name": name}, "status": status}


def test_describes_only_restarted_containers() -> None:
    """The text has the number of restarts, and exit code and reason of the last end if known."""
    ended = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
    pods = [
        pod("new"),
        pod("steady", {"name": "api", "restartCount": 0, "lastState": {}}),
        pod("crashed", {"name": "proxy", "restartCount": 0}, {"name": "api", "restartCount": 3, "lastState": ended}),
        pod("unknown", {"name": "api", "restartCount": 1, "lastState": {}}),
        pod("silent", {"name": "api", "restartCount": 1, "lastState": {"terminated": {"exitCode": 1}}}),
    ]
    assert described(pods) == [
        "app/crashed container api: 3 restart(s), last exit code 137 (OOMKilled)",
        "app/unknown container api: 1 restart(s)",
        "app/silent container api: 1 restart(s), last exit code 1 (no reason given)",
    ]
    assert described([]) == []
