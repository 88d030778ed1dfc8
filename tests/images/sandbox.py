"""Run a command in the root file system of an image as in Kubernetes: read-only, unprivileged, as PID 1."""

import subprocess
from pathlib import Path
from typing import Any

import psutil

USER = 10001
ENTER = """
mount --make-rprivate /
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
mount --rbind /dev "$1/dev"
mount -t proc proc "$1/proc"
mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
exec unshare --root="$1" --wd="$2" --setgid="$3" --setuid="$3" -- "${@:4}"
"""


def start(root: Path, argv: list[str], env: dict[str, str], **options: Any) -> subprocess.Popen[Any]:
    """Start a command in new mount and PID namespaces, on the host network; return the parent of its process."""
    script = ["bash", "-ec", ENTER, "bash", str(root), "/srv", str(USER)]
    return subprocess.Popen(["unshare", "--mount", "--pid", "--fork", *script, *argv], env=env, **options)


def run(root: Path, argv: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command until it exits."""
    process = start(root, argv, env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    output, errors = process.communicate(timeout=60)
    return subprocess.CompletedProcess(argv, process.returncode, output, errors)


def stop(process: subprocess.Popen[Any]) -> None:
    """Kill PID 1, and so all processes in its namespace; the parent then exits."""
    if process.poll() is None:
        for first in psutil.Process(process.pid).children():
            first.kill()
    process.wait()
