"""Find the processes that belong to a checkout, without the code under test."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

# Patterns of command lines -> kind of process; the first match applies.
KINDS = {
    "analyzer": ("policy_pack.py",),
    "launcher": ("localcloud/prctl.py",),
    "shim": ("localcloud/node/shim.py",),
    "command": ("infra.cli",),
    "offline providers": ("localcloud.providers.offline",),
    "providers": ("localcloud.providers",),
    "aws": ("localcloud.aws",),
    "node": ("localcloud.node",),
    "rds": ("localcloud.postgres",),
    "supervisor": ("-m localcloud ",),
    "etcd": ("bin/etcd ",),
    "kube-apiserver": ("bin/kube-apiserver ",),
    "kube-controller-manager": ("bin/kube-controller-manager ",),
    "kube-scheduler": ("bin/kube-scheduler ",),
    "engine": ("bin/pulumi ",),
    "postgres": ("bin/postgres ", "initdb", "postgres: "),
}


@dataclass(frozen=True)
class Belonging:
    """A process of a checkout."""

    process: psutil.Process
    kind: str
    """A kind of KINDS, or `pod`."""
    line: str
    """Its command line."""

    def __str__(self) -> str:
        return f"{self.kind} (pid {self.process.pid}): {self.line[:160]}"


def ended(process: psutil.Process | int) -> bool:
    """Return whether a process has ended: it is a zombie, or the kernel has freed its memory already."""
    try:
        found = psutil.Process(process) if isinstance(process, int) else process
        return not found.is_running() or found.status() == psutil.STATUS_ZOMBIE or not found.cmdline()
    except psutil.NoSuchProcess:  # meanwhile
        return True


def belonging(root: Path, token: str) -> list[Belonging]:
    """Return the running processes of a checkout.

    They have the token or a path of the checkout in their environment, have one of its folders as working directory,
    or are descendants of such a process.

    Args:
        root: the checkout, a temporary folder that no other process uses.
        token: an environment variable `NAME=value` of its commands.
    """
    name, _, value = token.partition("=")
    table = {}
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                table[process.pid] = (process, process.ppid(), _is_marked(process, root, name, value))
    own = psutil.Process().pid

    def belongs(pid: int) -> bool:
        if pid == own or pid not in table:
            return False
        _, parent, marked = table[pid]
        return marked or belongs(parent)

    found = []
    for pid, (process, _, _) in table.items():
        if belongs(pid):
            with suppress(psutil.Error):
                line = f"{' '.join(process.cmdline())} "
                found.append(Belonging(process, _kind(line), line))
    return found


def _is_marked(process: psutil.Process, root: Path, name: str, value: str) -> bool:
    with suppress(psutil.Error):
        environment = process.environ()
        if environment.get(name) == value or any(
            Path(environment.get(key, "/")).is_relative_to(root) for key in ("DRYDOCK_OWNER", "HOME", "TMPDIR")
        ):
            return True
    with suppress(psutil.Error):
        return Path(process.cwd()).is_relative_to(root)
    return False


def _kind(line: str) -> str:
    return next((kind for kind, parts in KINDS.items() if any(part in line for part in parts)), "pod")
