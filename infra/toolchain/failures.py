"""Converts the output of a failed build to an error message: what failed, why, and what to do."""

import re
from collections.abc import Sequence
from pathlib import Path

from infra.errors import OperationError

SHOWN_LINES = 6
CAUSES = (
    (
        r"no space left on device|disk quota exceeded",
        "the disk is full",
        "a first build takes 8 GB: free some space, or name folders on a larger disk "
        "in GOCACHE, GOMODCACHE and XDG_CACHE_HOME",
    ),
    (
        r"checksum mismatch|SECURITY ERROR|missing go\.sum entry|updates to go\.(mod|sum) needed"
        r"|DO NOT MATCH THE HASHES",
        "a downloaded file does not match its pinned checksum",
        "restore the pins with `git checkout -- tools`; if they are unchanged, the module proxy returns modified files",
    ),
    (
        r"dial tcp|no such host|i/o timeout|connection re(fused|set)|TLS handshake|x509:|proxyconnect"
        r"|\b(403|404|407|410|429|50[0-9]) [A-Z]|module lookup disabled|network is unreachable"
        r"|NewConnectionError|Could not fetch URL|No matching distribution found|Temporary failure in name",
        "a download was refused or did not arrive",
        "check the network; behind a mirror, set GOPROXY (Go modules) and pip's index-url (Go itself). "
        "Or put the tools on PATH: `drydock doctor` lists the accepted versions",
    ),
    (
        r"signal: killed|cannot allocate memory|out of memory",
        "the machine ran out of memory",
        "the build needs 3 GB free, that of `make providers` 4.5 GB: stop other programs, or set GOFLAGS=-p=1, "
        "and run it again",
    ),
    (
        r"permission denied|read-only file system",
        "a cache folder is not writable",
        "set GOCACHE, GOMODCACHE and XDG_CACHE_HOME to folders that you can write to",
    ),
    (
        r"C compiler|exec format error|unsupported GOOS/GOARCH",
        "this Go does not work on this machine",
        "install the Go of this platform, and put it on PATH first",
    ),
)


def explain(what: str, lines: Sequence[str], log: Path) -> OperationError:
    """Return the error for a failed step.

    Args:
        what: the step that failed, such as "building pulumi 3.259.0".
        lines: the lines that it printed.
        log: path of the complete log.
    """
    tail = [line for line in lines if line.strip()][-40:]
    for pattern, cause, remedy in CAUSES:
        matches = [line for line in tail if re.search(pattern, line)]
        if matches:
            return OperationError(f"{what} failed: {cause}; {remedy}\n{_quote(matches[:2])}\n  log: {log}")
    return OperationError(
        f"{what} failed; run it again to resume, and see the log if it fails again\n"
        f"{_quote(tail[-SHOWN_LINES:])}\n  log: {log}"
    )


def _quote(lines: Sequence[str]) -> str:
    return "\n".join(f"  | {line[:300]}" for line in lines)
