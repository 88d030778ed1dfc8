"""The limit: the same statements by pgbench, with nothing between it and PostgreSQL."""

import subprocess
from pathlib import Path

from bench.service.load import Load
from localcloud.postgres.versions import binaries


def pgbench(script: str, *, url: str, seconds: int, clients: int, folder: Path) -> Load:
    """Run a script over and over, prepared once, on as many connections as there are clients."""
    (folder / "script.sql").write_text(script)
    for old in folder.glob("pgbench_log.*"):
        old.unlink()
    options = ["--no-vacuum", "--protocol=prepared", f"--client={clients}", f"--time={seconds}"]
    files = [f"--file={folder / 'script.sql'}", "--log", f"--log-prefix={folder / 'pgbench_log'}"]
    subprocess.run([str(binaries() / "pgbench"), *options, *files, url], check=True, capture_output=True)
    # A line a transaction; the third word is how long it took, in microseconds.
    logged = "".join(path.read_text() for path in folder.glob("pgbench_log.*")).splitlines()
    took = sorted(int(line.split()[2]) / 1000 for line in logged)

    def percentile(percent: int) -> float:
        return took[min(len(took) - 1, len(took) * percent // 100)]

    middle = {"p50": percentile(50), "p95": percentile(95), "p99": percentile(99)}
    return Load(rate=len(took) / seconds, requests=len(took), share=0, **middle)
