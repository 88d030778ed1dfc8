"""Load on an HTTP server, by vegeta: built from its pinned Go module, as the platform's other tools are."""

import json
import resource
import subprocess
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from infra.toolchain import cache
from infra.toolchain.build import build
from infra.toolchain.golang import executable
from infra.toolchain.pins import GoModule
from infra.toolchain.provide import binary
from infra.toolchain.report import Report

VEGETA = GoModule(
    name="vegeta",
    packages=(("vegeta", "github.com/tsenart/vegeta/v12"),),
    versioned_by="github.com/tsenart/vegeta/v12",
)


PERCENTILES = {"p50": "50th", "p95": "95th", "p99": "99th"}


class LoadError(Exception):
    """A request was not answered with success, so the figures would not be of the work they name."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one run of load saw; latencies in milliseconds."""

    rate: float
    """Requests answered per second."""
    requests: int
    """All that were answered."""
    p50: float
    p95: float
    p99: float
    share: float
    """Processor time that the load generator took, as a share of one core."""
    work: float = 0
    """Processor time that the server took for one request, in milliseconds; 0 where it was not looked at."""


def vegeta() -> Path:
    """Return the load generator, built into the user's cache if it is not there."""
    path = binary(VEGETA, "vegeta")
    report = Report()
    if not path.exists():
        folder = cache.root() / VEGETA.key
        with cache.locked(folder, lambda who: report.say(f"building vegeta: {who}")):
            if not path.exists():
                build(VEGETA, ["vegeta"], folder, executable(report), report)
    return path


def attack(targets: str, *, seconds: float, clients: int, rate: float = 0, folder: Path) -> Load:
    """Send requests and wait for all answers. Raises LoadError if one failed.

    Args:
        targets: requests as vegeta's JSON, one a line.
        seconds: how long.
        clients: requests at once, each on a connection of its own, that stays open.
        rate: requests per second, sent whether or not earlier ones are answered; 0: as many as the clients can.
        folder: for files.
    """
    asked, answers = folder / "targets", folder / "answers"
    asked.write_text(targets)
    most = clients if rate == 0 else 10 * clients
    files = [f"-targets={asked}", f"-output={answers}"]
    pace = [f"-duration={seconds}s", f"-rate={int(rate)}/1s", f"-workers={clients}", f"-max-workers={most}"]
    network = [f"-connections={most}", f"-max-connections={most}", "-timeout=30s", "-max-body=0"]
    before, began = _children(), monotonic()
    subprocess.run([str(vegeta()), "attack", "-format=json", *files, *pace, *network], check=True)
    share = (_children() - before) / (monotonic() - began)
    done = subprocess.run([str(vegeta()), "report", "-type=json", str(answers)], check=True, capture_output=True)
    report = json.loads(done.stdout)
    if report["success"] != 1:
        raise LoadError(f"not all requests succeeded: {report['status_codes']} {report['errors'][:3]}")
    latencies = {name: report["latencies"][key] / 1e6 for name, key in PERCENTILES.items()}
    return Load(rate=report["throughput"], requests=report["requests"], share=share, **latencies)


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
