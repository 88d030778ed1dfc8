"""Runs a container whose image has its own programs, with bubblewrap around the process.

The container has its own root, mounts, user id, host name and IPC. It shares the network and the process ids of the
machine. Because a pod's address is a loopback address, a program must listen on the pod's address, which is in HOST,
and not on all addresses.
"""

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from localcloud.cluster.api import Manifest
from localcloud.node.fields import ConfigError

PROGRAM = "bwrap"


def wrapper(
    root: Path,
    rootfs: Path,
    pod: Manifest,
    spec: Manifest,
    image: Mapping[str, str],
    *,
    volumes: Mapping[str, Path],
    shared: Iterable[Path],
    workdir: str,
    hostname: str,
) -> list[str]:
    """Return the arguments to put before a command so that it runs in the container.

    Args:
        root: the container's own copy of the image's files.
        rootfs: the image's files, in which users and groups are looked up.
        pod: the pod.
        spec: the container's spec within the pod.
        image: the image's configuration.
        volumes: volume name -> folder.
        shared: files and folders of this machine to mount read-only at the same path.
        workdir: the working directory in the container.
        hostname: the container's host name.

    Raises:
        ConfigError: bubblewrap is missing, or the user is unknown or not allowed.
    """
    program = shutil.which(PROGRAM)
    if not program:
        raise ConfigError(
            f"image {spec['image']} runs in a container, which needs {PROGRAM}, and it is not on PATH; install it "
            "(on Debian: apt-get install bubblewrap)"
        )
    uid, gid = _user(pod, spec, image, rootfs)
    mounts = []
    for path in sorted(set(shared)):
        mounts += ["--ro-bind-try", str(path), str(path)]
    for mount in sorted(spec.get("volumeMounts", []), key=lambda each: str(each["mountPath"])):
        kind = "--ro-bind" if mount.get("readOnly") else "--bind"
        mounts += [kind, str(volumes[mount["name"]] / mount.get("subPath", "")), mount["mountPath"]]
    readonly = (spec.get("securityContext") or {}).get("readOnlyRootFilesystem")
    return [
        program,
        *("--unshare-user", "--uid", str(uid), "--gid", str(gid)),
        *("--unshare-ipc", "--unshare-uts", "--hostname", hostname, "--die-with-parent"),
        *("--bind", str(root), "/", "--proc", "/proc", "--dev", "/dev"),
        *("--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf", "--ro-bind-try", "/etc/hosts", "/etc/hosts"),
        *mounts,
        *(["--remount-ro", "/"] if readonly else []),
        *("--chdir", workdir, "--"),
    ]


def copy(rootfs: Path, folder: Path, workdir: str) -> None:
    """Copy the files of an image for one start of a container; changes made by the previous run are discarded.

    Raises:
        ConfigError: the files cannot be copied.
    """
    if folder.exists():
        shutil.rmtree(folder)
    try:
        subprocess.run(
            ["/bin/cp", "-a", "--reflink=auto", str(rootfs), str(folder)],
            check=True,
            capture_output=True,
            text=True,
        )
    except subprocess.CalledProcessError as error:
        raise ConfigError(f"the image's files cannot be copied to {folder}: {error.stderr.strip()}") from error
    (folder / workdir.lstrip("/")).mkdir(parents=True, exist_ok=True)


def _user(pod: Manifest, spec: Manifest, image: Mapping[str, str], root: Path) -> tuple[int, int]:
    """Return the user and group ids, from the container, else the pod, else the image, else 0.

    A user name is looked up in the image's /etc/passwd.
    """
    contexts = [spec.get("securityContext") or {}, pod["spec"].get("securityContext") or {}]
    uid, gid = _image_user(image.get("User") or "0", root)
    for context in reversed(contexts):
        uid, gid = context.get("runAsUser", uid), context.get("runAsGroup", gid)
    if uid == 0 and any(context.get("runAsNonRoot") for context in contexts):
        raise ConfigError("container has runAsNonRoot and image will run as root")
    return uid, gid


def _image_user(name: str, root: Path) -> tuple[int, int]:
    user, _, group = name.partition(":")
    if user.isascii() and user.isdigit() and not group:
        return int(user), int(_column(root, "passwd", 2, user, 3) or 0)
    uid = user if user.isdigit() else _column(root, "passwd", 0, user, 2)
    gid = group if group.isdigit() else _column(root, "group", 0, group, 2) if group else None
    if not group:
        gid = _column(root, "passwd", 0, user, 3)
    if uid is None or gid is None:
        raise ConfigError(f"unable to find user {name}: no matching entries in passwd file")
    return int(uid), int(gid)


def _column(root: Path, file: str, key: int, value: str, wanted: int) -> str | None:
    """Return field `wanted` of the line in the image's /etc/passwd or /etc/group whose field `key` equals `value`."""
    path = root / "etc" / file
    lines = path.read_text(errors="replace").splitlines() if path.is_file() and not path.is_symlink() else []
    found = [fields for line in lines if len(fields := line.split(":")) > wanted and fields[key] == value]
    return found[0][wanted] if found else None
