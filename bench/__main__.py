"""`make bench`: every figure of the README, measured in one run; ratios are of runs that alternated."""

import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

import psutil

from bench import diff, policy
from bench.service import __main__ as service
from infra.engine import trust
from infra.engine.session import state_folder
from localcloud import control
from localcloud.cloud import Cloud
from tests.support.refusals import cases

RUNS = 5
MEGABYTE = 1024 * 1024
DRYDOCK = [sys.executable, "-m", "infra.cli"]


@dataclass(frozen=True)
class Timing:
    """Seconds of several runs of one command."""

    seconds: list[float]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        return (
            f"{self.median:6.2f} s   (of {len(self.seconds)} runs {min(self.seconds):.2f} to {max(self.seconds):.2f})"
        )


def main() -> None:
    """Measure and print; every command must succeed."""
    resources = _resources_of_prod()
    pairs = [
        (_seconds([*DRYDOCK, "preview", "prod", "--json"]), _seconds([sys.executable, "-m", "bench.bare", resources]))
        for _ in range(RUNS)
    ]
    ours, bare = Timing([pair[0] for pair in pairs]), Timing([pair[1] for pair in pairs])
    ratio = statistics.median(one / other for one, other in pairs)
    print(f"preview prod, {resources} resources, policy included   {ours}")
    print(f"bare program, {resources} resources, idle provider     {bare}")
    print(f"ratio                                         {ratio:6.2f}     (aim: 1.5 or less)")
    print(*diff.lines(), sep="\n", flush=True)
    service.main()  # before there is a cloud beside it: two cores are few
    _run([*DRYDOCK, "up", "local"])
    warm = Timing([_seconds([*DRYDOCK, "up", "local"]) for _ in range(3)])
    print(f"warm up local, 0 changes                      {warm}")
    print(f"memory of the local cloud                     {_memory():6.0f} MB   (aim: under 1500 MB)")
    print(f"trust in the local cloud: {trust.summary(trust.read(_cloud()))}")
    print(*policy.lines(), sep="\n")
    print(f"requests refused in tests that AWS is known to refuse: {len(cases())} cases")


def _resources_of_prod() -> str:
    done = subprocess.run([*DRYDOCK, "preview", "prod", "--json"], capture_output=True, text=True, check=True)
    return str(sum(json.loads(done.stdout)["counts"].values()))


def _seconds(command: list[str]) -> float:
    began = time.monotonic()
    _run(command)
    return time.monotonic() - began


def _run(command: list[str]) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def _memory() -> float:
    """Proportional set size of the supervisor and everything below it, pods included: shared pages count once."""
    supervisor = psutil.Process(_cloud().pid)
    processes = [supervisor, *supervisor.children(recursive=True)]
    return float(sum(process.memory_full_info().pss for process in processes) / MEGABYTE)


def _cloud() -> Cloud:
    cloud = control.running(state_folder("local"))
    assert cloud is not None  # noqa: S101 - it was just brought up
    return cloud


if __name__ == "__main__":
    main()
