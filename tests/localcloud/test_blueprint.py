"""The parts of a local cloud: timeouts and stopping."""

from contextlib import ExitStack
from pathlib import Path

from localcloud import blueprint, control, ports, supervisor
from localcloud.cloud import ACCOUNT_ID
from localcloud.parts import Part

REQUEST = {
    "name": "local",
    "region": "eu-central-1",
    "engine_version": "18.1",
    "binaries": dict.fromkeys(("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"), "/bin/true"),
    "owner_pid": None,
}


def longest_chain(parts: list[Part]) -> int:
    """Return the length of the longest chain of parts that stop one after the other."""
    after = {part.name: part.after for part in parts}

    def depth(name: str) -> int:
        return 1 + max(map(depth, after[name]), default=0)

    return max(map(depth, after))


def test_stopping_a_cloud_waits_longer_than_its_slowest_part(tmp_path: Path) -> None:
    """The timeout suffices even if every part has to be killed."""
    plan = blueprint.prepare(tmp_path, REQUEST, ports.choose(tmp_path, ExitStack()), 244)

    assert longest_chain(plan.parts) * supervisor.STOP_SECONDS < control.STOP_SECONDS
    assert plan.cloud.account_id == ACCOUNT_ID


def test_every_part_has_a_check_for_stopping(tmp_path: Path) -> None:
    """A part that got a signal from another process may run for minutes without answering."""
    plan = blueprint.prepare(tmp_path, REQUEST, ports.choose(tmp_path, ExitStack()), 244)

    assert [part.name for part in plan.parts if part.is_stopping is None] == []
    assert len(plan.parts) == 9
