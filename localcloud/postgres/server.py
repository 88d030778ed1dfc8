"""The real PostgreSQL server behind the RDS endpoint: installed from a wheel, on loopback, with passwords.

The wheels are built without TLS, so `endpoint` adds it.
"""

import os
import signal
import subprocess
from functools import partial
from pathlib import Path

import psycopg

from localcloud.errors import CloudError
from localcloud.files import write_private
from localcloud.parts import Part
from localcloud.postgres.versions import WHEELS, binaries, major_of

SUPERUSER = "rdsadmin"  # the name of the superuser that RDS reserves for itself
UNPRIVILEGED_ID = 65534  # nobody:nogroup; PostgreSQL refuses to run as root
MAX_CONNECTIONS = 200
SETTINGS = f"""\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = {MAX_CONNECTIONS}
shared_buffers = 64MB
password_encryption = 'scram-sha-256'
log_min_messages = warning
# A failing CREATE ROLE would be logged whole, with its password.
log_min_error_statement = panic
"""
ACCESS = "host all all 127.0.0.0/8 scram-sha-256\n"


def unprivileged(argv: list[str]) -> list[str]:
    """Return the command that runs as an unprivileged user; unchanged if this process is not root.

    The process keeps the capability to traverse folders that it does not own, because a checkout may be in the home
    folder of root. The kernel stops it when its parent ends.
    """
    if os.geteuid() != 0:
        return argv
    return [
        "setpriv",
        f"--reuid={UNPRIVILEGED_ID}",
        f"--regid={UNPRIVILEGED_ID}",
        "--clear-groups",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
        "--securebits=+no_setuid_fixup",  # otherwise access(2), which initdb uses, ignores the capability
        "--pdeathsig=QUIT",
        *argv,
    ]


def prepare(data: Path, password: str, major: int = max(WHEELS)) -> None:
    """Create the database cluster in `data` unless it exists, and write Drydock's settings in either case.

    Args:
        data: the data folder.
        password: the password of the superuser.
        major: the major version of a new cluster; an existing one keeps its version.
    """
    if not (data / "PG_VERSION").exists():
        _create(data, password, binaries(major))
    for name, content in {"postgresql.auto.conf": SETTINGS, "pg_hba.conf": ACCESS}.items():
        write_private(data / name, content)
        if os.geteuid() == 0:
            os.chown(data / name, UNPRIVILEGED_ID, UNPRIVILEGED_ID)


def _create(data: Path, password: str, folder: Path) -> None:
    """Create the cluster in a temporary folder and rename it, so that an interrupted creation is repeated."""
    draft = data.with_name(f"{data.name}.draft")
    subprocess.run(["rm", "-rf", "--", str(draft)], check=True)
    draft.mkdir(mode=0o700)
    password_file = data.with_name("postgres.password")
    write_private(password_file, password)
    if os.geteuid() == 0:
        os.chown(draft, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
        os.chown(password_file, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
    initdb = [str(folder / "initdb"), "-D", str(draft), "-U", SUPERUSER, "--encoding=UTF8", "--locale=C.UTF-8"]
    done = subprocess.run(
        # The files are not synced to disk: they hold no data yet, and the end of a process does not lose them.
        unprivileged([*initdb, "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync", "--no-instructions"]),
        capture_output=True,
        text=True,
        check=False,
    )
    password_file.unlink()
    if done.returncode != 0:
        raise CloudError(f"PostgreSQL could not create its data folder {data}: {done.stderr.strip()}")
    draft.rename(data)


def part(data: Path, port: int, password: str) -> Part:
    """Return the server on `port`; it is stopped with a fast shutdown, so that clients cannot delay it."""
    return Part(
        name="postgres",
        argv=unprivileged([str(binaries(major_of(data)) / "postgres"), "-D", str(data), "-p", str(port)]),
        ready=partial(_accepts, port, password),
        stop_signal=signal.SIGINT,
        discard_signal=signal.SIGQUIT,  # releases its shared memory, unlike SIGKILL
        is_stopping=partial(_is_stopping, data / "postmaster.pid"),
    )


def _is_stopping(file: Path) -> bool:
    """Return whether the server is in a smart shutdown (SIGTERM): it rejects new clients and waits for others (18.5).

    The server writes its status to the eighth line of this file (src/include/utils/pidfile.h).
    """
    try:
        return file.read_text().splitlines()[7].strip() == "stopping"
    except (OSError, IndexError):
        return False


def _accepts(port: int, password: str) -> bool:
    try:
        psycopg.connect(
            host="127.0.0.1", port=port, user=SUPERUSER, password=password, dbname="postgres", connect_timeout=2
        ).close()
    except psycopg.Error:
        return False
    return True
