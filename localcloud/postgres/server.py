"""The PostgreSQL server behind RDS: a real one, from a wheel, on loopback, with passwords.

Its wheels are built without TLS; `endpoint` puts it in front.
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

SUPERUSER = "rdsadmin"  # the name of the superuser that RDS keeps to itself
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
    """Return the command as it runs without root's identity.

    The process keeps the right to pass folders it does not own, since a checkout may lie under root's home, and dies
    with its parent.
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
        "--securebits=+no_setuid_fixup",  # else access(2), by which initdb looks for postgres, forgets the capability
        "--pdeathsig=QUIT",
        *argv,
    ]


def prepare(data: Path, password: str, major: int = max(WHEELS)) -> None:
    """Create the cluster in `data` unless it is there, and give it Drydock's settings either way.

    Args:
        data: the folder.
        password: of the superuser.
        major: version of a new cluster; one that is there keeps its own.
    """
    if not (data / "PG_VERSION").exists():
        _create(data, password, binaries(major))
    for name, content in {"postgresql.auto.conf": SETTINGS, "pg_hba.conf": ACCESS}.items():
        write_private(data / name, content)
        if os.geteuid() == 0:
            os.chown(data / name, UNPRIVILEGED_ID, UNPRIVILEGED_ID)


def _create(data: Path, password: str, folder: Path) -> None:
    """Create it aside and rename it, so that an interrupted attempt is started again."""
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
        unprivileged([*initdb, "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-instructions"]),
        capture_output=True,
        text=True,
        check=False,
    )
    password_file.unlink()
    if done.returncode != 0:
        raise CloudError(f"PostgreSQL could not create its data folder {data}: {done.stderr.strip()}")
    draft.rename(data)


def part(data: Path, port: int, password: str) -> Part:
    """Return the server on `port`; fast shutdown on stop, so that clients cannot hold it up."""
    return Part(
        name="postgres",
        argv=unprivileged([str(binaries(major_of(data)) / "postgres"), "-D", str(data), "-p", str(port)]),
        ready=partial(_accepts, port, password),
        stop_signal=signal.SIGINT,
        discard_signal=signal.SIGQUIT,  # gives back its shared memory, which SIGKILL would leave behind
        is_stopping=partial(_is_stopping, data / "postmaster.pid"),
    )


def _is_stopping(file: Path) -> bool:
    """Return whether it got SIGTERM: a smart shutdown, which turns away new clients and waits for the old ones (18.5).

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
